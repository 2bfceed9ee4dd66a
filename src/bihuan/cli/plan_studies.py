"""`bihuan plan compare|budget|alternatives|stochastic`: studies of several plans."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import typer

from bihuan.cli.plan_answers import FactorOption, FolderArgument, HoursOption, ScenarioOption
from bihuan.cli.plan_answers import app as app

JsonOption = typer.Option(False, "--json", help="One JSON object on stdout.")


@app.command()
def compare(
    folder: Path = FolderArgument,
    scenario: list[str] = typer.Option(["base"], help="Give it again for each scenario."),
    hours: int | None = HoursOption,
    as_json: bool = JsonOption,
) -> None:
    """Solve scenarios of a pack and set them side by side; exit code 1 where one has no proven optimum.

    Example: bihuan plan compare my-city/energy --scenario base --scenario 2030 --hours 672
    """
    from rich.console import Console

    from bihuan.plan.report.tables import compare_sheet
    from bihuan.plan.report.words import Names
    from bihuan.plan.studies import solve_scenarios

    with Console(stderr=True).status("reading") as shown:
        _, found = solve_scenarios(folder, scenario, hours=hours, timer=time.perf_counter, progress=shown.update)
    sheet = compare_sheet(found, Names(found, "en"), "en")
    if as_json:
        told = [{"scenario": s.scenario, "status": s.status, "costs": s.costs_cny} for s in found]
        figures = {str(row[0]): list(row[1:]) for row in sheet.rows}
        print(json.dumps({"scenarios": told, "figures": figures}, ensure_ascii=False))
    else:
        print("\t".join(sheet.columns))
        for row in sheet.rows:
            print("\t".join(cell if isinstance(cell, str) else f"{cell:,.3f}" for cell in row))
    if any(summary.status != "optimal" for summary in found):
        raise typer.Exit(1)


@app.command()
def budget(
    folder: Path = FolderArgument,
    name: str = typer.Argument(
        "", help="A budget of the pack, or a global constraint; empty for a cap on CO2 beside what is emitted without."
    ),
    scenario: str = ScenarioOption,
    hours: int | None = HoursOption,
    factor: list[float] = FactorOption,
    output: Path | None = typer.Option(None, "--output", "-o", help="Write the curve as JSON; steps go to stderr."),
    as_json: bool = JsonOption,
) -> None:
    """Tighten a budget step by step: cost and emissions of the year, and what one more unit is worth at each limit.

    Exit code 1 where no limit has a proven optimum.

    Example: bihuan plan budget my-city/energy 碳排放预算 --scenario 2030-cap80 --hours 336 --factor 1 --factor 0.9
    """
    from bihuan.plan.studies import CARBON_CAP, solve_budget
    from bihuan.store.plans import to_json

    def tell(step: str) -> None:
        print(step, file=sys.stderr, flush=True)

    _, curve = solve_budget(folder, name or CARBON_CAP, factor, scenario, hours=hours, progress=tell)
    if output is not None:
        output.write_bytes(to_json(curve))
    elif as_json:
        print(to_json(curve).decode())
    else:
        print("limit\tstatus\tcost\temissions [t]\tworth of one more unit")
        for point in curve.points:
            worth = point.price.worth if point.price else None
            numbers = (
                "–" if number is None else f"{number:,.2f}" for number in (point.cost_cny, point.emissions_t, worth)
            )
            print("\t".join((f"{point.limit:,.6g}", point.status, *numbers)))
    if not any(point.status == "optimal" for point in curve.points):
        print(f"bihuan: no limit of {curve.budget} has a proven optimum", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def alternatives(
    folder: Path = FolderArgument,
    scenario: str = ScenarioOption,
    hours: int | None = HoursOption,
    slack: float = typer.Option(0.05, min=0.0, help="Cost allowed above the least, as a share of its size."),
    as_json: bool = JsonOption,
) -> None:
    """Show how little and how much of each technology may be built at almost the least cost.

    Example: bihuan plan alternatives my-city/energy --scenario 2030-cap80 --hours 336 --slack 0.02
    """
    from dataclasses import asdict

    from rich.console import Console

    from bihuan.plan import read_network
    from bihuan.plan.studies import alternatives as search

    with Console(stderr=True).status("reading") as shown:
        found = search(read_network(folder, scenario, hours=hours), slack, progress=shown.update)
    if as_json:
        print(json.dumps({"slack": slack, "alternatives": [asdict(room) for room in found]}, ensure_ascii=False))
        return
    print("technology\tleast\toptimum\tmost")
    for room in found:
        print(f"{room.technology}\t{room.least:,.1f}\t{room.optimum:,.1f}\t{room.most:,.1f}")


@app.command()
def stochastic(
    folder: Path = FolderArgument,
    future: list[str] = typer.Option(..., help="Scenario and its probability, such as 2030=0.6; give it again."),
    hours: int | None = HoursOption,
    as_json: bool = JsonOption,
) -> None:
    """Choose capacities that are best on average over scenarios, and say what knowing the future would be worth.

    Example: bihuan plan stochastic my-city/energy --future 2030=0.6 --future dry=0.4 --hours 336
    """
    from rich.console import Console

    from bihuan.plan import read_network
    from bihuan.plan.studies import stochastic as both_stages

    futures = {}
    for text in future:
        scenario, _, share = text.rpartition("=")
        futures[scenario] = (read_network(folder, scenario, hours=hours), _share(text, share))
    with Console(stderr=True).status("solving"):
        answer = both_stages(futures)
    told = {"status": answer.status, "cost": _known(answer.cost), "value_of_knowing": _known(answer.value_of_knowing)}
    if as_json:
        print(json.dumps({**told, "capacities": answer.capacities}, ensure_ascii=False))
    else:
        print("\n".join(f"{key}\t{value}" for key, value in {**told, **answer.capacities}.items()))
    if answer.status != "optimal":
        raise typer.Exit(1)


def _share(text: str, share: str) -> float:
    try:
        return float(share)
    except ValueError:
        raise typer.BadParameter(f"{text!r}; a scenario and its probability were expected, such as 2030=0.6") from None


def _known(number: float) -> float | None:
    return None if number != number else number
