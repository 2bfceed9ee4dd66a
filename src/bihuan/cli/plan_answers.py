"""`bihuan plan explain|report|compare`: what a plan, or its absence, means."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path

import typer

from bihuan.cli.plan import app as app

FolderArgument = typer.Argument(help="A PyPSA network folder (CSV), or a pack's energy folder.")
ScenarioOption = typer.Option("base", help="Scenario of a pack.")
HoursOption = typer.Option(None, help="Whole weeks that stand for a pack's year, such as 672.")


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
