"""`bihuan plan explain|report|compare`: what a plan, or its absence, means."""

from __future__ import annotations

import json
import sys
import time
from enum import StrEnum
from pathlib import Path

import typer

from bihuan.cli.plan import app as app

FolderArgument = typer.Argument(help="A PyPSA network folder (CSV), or a pack's energy folder.")
ScenarioOption = typer.Option("base", help="Scenario of a pack.")
HoursOption = typer.Option(None, help="Whole weeks that stand for a pack's year, such as 672.")
FactorOption = typer.Option([1.1, 1.0, 0.9, 0.8], help="Multiple of the budget's limit; give it again for more.")


class Lang(StrEnum):
    """Language of the answer."""

    en = "en"
    zh = "zh"


@app.command()
def explain(
    folder: Path = FolderArgument,
    scenario: str = ScenarioOption,
    hours: int | None = HoursOption,
    lang: Lang = typer.Option(Lang.en, help="Language of the answer."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    """Say why a network has no plan: conditions that contradict each other and what would repair them.

    For a network whose cost falls without end, the way it does so. Exit code 1 where the solver cannot tell.

    Example: bihuan plan explain my-network/ --lang zh
    """
    from rich.console import Console

    from bihuan.plan import read_network
    from bihuan.plan.explain import explain as ask

    network = read_network(folder, scenario, hours=hours)
    with Console(stderr=True).status("asking") as shown:
        answer = ask(network, progress=shown.update)
    print(json.dumps(answer.as_json(), ensure_ascii=False) if as_json else answer.text(lang.value))
    if answer.verdict == "unclear":
        print("bihuan: the solver gave no certain answer", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def report(
    folder: Path = FolderArgument,
    output: Path = typer.Option(..., "--output", "-o", help="The .html file to write."),
    scenario: list[str] = typer.Option(["base"], help="Scenario of a pack; give it again to compare several."),
    hours: int | None = HoursOption,
    lang: Lang = typer.Option(Lang.zh, help="Language of the report."),
    budget: str | None = typer.Option(
        None, help="Tighten this budget of the first scenario, too; 'carbon' caps what is emitted without a cap."
    ),
    factor: list[float] = FactorOption,
    excel: Path | None = typer.Option(None, help="Write the tables as an .xlsx file, too."),
) -> None:
    """Solve and write one self-contained page: capacities, dispatch, prices, accounts, shadow prices, sources.

    The first scenario is told in full, all of them stand side by side. Exit code 1 where one has no proven optimum.

    Example: bihuan plan report my-city/energy -o plan.html --scenario base --scenario 2025 --hours 672
    """
    from rich.console import Console

    from bihuan.plan.report import write_html, write_workbook
    from bihuan.plan.studies import CARBON_CAP, solve_budget, solve_scenarios

    with Console(stderr=True).status("reading") as shown:
        pack, summaries = solve_scenarios(folder, scenario, hours=hours, timer=time.perf_counter, progress=shown.update)
        curve = None
        if budget is not None:
            name = CARBON_CAP if budget == "carbon" else budget
            _, curve = solve_budget(folder, name, factor, scenario[0], hours=hours, progress=shown.update)
        shown.update("writing")
        write_html(summaries, output, lang.value, pack, curve)
        if excel is not None:
            write_workbook(summaries, excel, lang.value, pack, curve)
    print(output)
    unproven = [summary.name for summary in summaries if summary.status != "optimal"]
    if unproven:
        print(f"bihuan: no proven optimum: {', '.join(unproven)}; ask `bihuan plan explain`", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a pack's component files, for editors.

    Example: bihuan plan schema > energy.schema.json
    """
    from bihuan.plan.pack.schema import component_schema

    print(json.dumps(component_schema(), ensure_ascii=False, indent=1))


@app.command()
def summary(
    folder: Path = FolderArgument,
    output: Path = typer.Option(..., "--output", "-o", help="The .json file to write."),
    scenario: str = ScenarioOption,
    hours: int | None = HoursOption,
) -> None:
    """Solve and write everything a page needs to know of a plan as JSON; steps are told on stderr.

    Exit code 1 where no optimum is proven: what contradicts is told on stderr, and the file is not written.

    Example: bihuan plan summary my-city/energy --scenario 2025 --hours 336 -o plan.json
    """
    from bihuan.plan.explain import explain as ask
    from bihuan.plan.folder import read_network
    from bihuan.plan.studies import solve_scenarios
    from bihuan.store.plans import to_json

    def tell(step: str) -> None:
        print(step, file=sys.stderr, flush=True)

    _, (answer,) = solve_scenarios(folder, [scenario], hours=hours, timer=time.perf_counter, progress=tell)
    if answer.status != "optimal":
        tell("asking why there is no plan")
        tell(ask(read_network(folder, scenario, hours=hours), progress=tell).text("zh"))
        raise typer.Exit(1)
    output.write_bytes(to_json(answer))


@app.command("import")
def bring_in(
    source: Path = typer.Argument(help="A PyPSA netCDF file or network folder."),
    folder: Path = typer.Argument(help="The network folder to write; it must not exist yet or be empty."),
) -> None:
    """Bring a PyPSA network in: read it whole, tell every fault and warning, write it as a network folder.

    Nothing is written where there is a fault. The folder is what `solve`, `explain`, `sweep` and `report` take.

    Example: bihuan plan import city.nc city/
    """
    from bihuan.core.errors import InputError
    from bihuan.plan import FaultyNetwork, read_network
    from bihuan.plan.check import check
    from bihuan.plan.pack import is_energy_folder
    from bihuan.plan.written import write_network

    if is_energy_folder(source):
        raise InputError("is a pack already; `bihuan plan solve` takes it as it is", where=str(source))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("is there already and not empty; name a new folder", where=str(folder))
    network = read_network(source)
    told = check(network)
    faults = [fault for fault in told if fault.severity == "fault"]
    for warning in (fault for fault in told if fault.severity == "warning"):
        print(f"warning: {warning}", file=sys.stderr)
    if faults:
        raise FaultyNetwork(faults, where=str(source))
    write_network(network, folder)
    sizes = ", ".join(f"{len(table)} {kind}" for kind, table in network.tables.items() if len(table))
    print(f"{folder}: {len(network.snapshots)} snapshots, {sizes}")
