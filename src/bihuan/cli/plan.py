"""`bihuan plan`: the least-cost energy system from the command line."""

from __future__ import annotations

import json
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

app = typer.Typer(help="Energy system: the least-cost plan.", no_args_is_help=True)


class Method(StrEnum):
    """Algorithms of HiGHS."""

    auto = "auto"
    simplex = "simplex"
    ipm = "ipm"
    hipo = "hipo"
    pdlp = "pdlp"


@app.callback()
def _family() -> None: ...


@app.command()
def solve(
    folder: Path = typer.Argument(help="A PyPSA network folder (CSV), or a pack's energy folder."),
    scenario: str = typer.Option("base", help="Scenario of a pack."),
    hours: int | None = typer.Option(None, help="Whole weeks that stand for a pack's year, such as 672."),
    method: Method = typer.Option(Method.auto, help="Algorithm of HiGHS."),
    time_limit: float | None = typer.Option(None, min=0.0, help="Seconds after which the solver stops."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
) -> None:
    """Solve a network to its proven optimum; exit code 1 where none is proven.

    Example: bihuan plan solve my-network/ --json
    """
    from bihuan.plan import read_network
    from bihuan.plan import solve as solve_network

    begun = time.perf_counter()
    network = read_network(folder, scenario, hours=hours)
    read = time.perf_counter() - begun
    plan = solve_network(network, method.value, time_limit=time_limit, timer=time.perf_counter)
    summary: dict[str, Any] = {
        "status": plan.status,
        "objective": _known(plan.objective),
        "gap": _known(plan.gap),
        "seconds": {"read": read, **plan.seconds},
        "rows": plan.rows,
        "columns": plan.columns,
        "nonzeros": plan.nonzeros,
        "peak_mb": _peak_mb(),
    }
    print(json.dumps(summary) if as_json else _in_words(summary, plan.shadow_prices))
    if plan.status != "optimal":
        raise typer.Exit(1)


@app.command()
def series(
    folder: Path = typer.Argument(help="A pack's energy folder with a climate.yaml."),
    seed: int = typer.Option(2022, help="The same seed gives the same year."),
) -> None:
    """Make a synthetic year of hourly weather, load and prices from climate normals; needs bihuan[weather].

    Example: bihuan plan series my-city/energy --seed 7
    """
    from bihuan.plan.weather import hourly, read_climate, write_series

    climate = read_climate(folder / "climate.yaml")
    made = hourly(climate, seed)
    path = folder / "series" / "hourly.parquet"
    write_series(path, made, climate.year, seed)
    print(f"{path}: {', '.join(made)}; seed {seed}", file=sys.stderr)


def _known(number: float) -> float | None:
    return None if number != number else number


def _peak_mb() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_words(summary: dict[str, Any], shadow_prices: dict[str, float]) -> str:
    size = f"{summary['rows']:,} rows, {summary['columns']:,} columns, {summary['nonzeros']:,} entries"
    lines = [f"status      {summary['status']}", f"problem     {size}", f"peak        {summary['peak_mb']:.0f} MB"]
    if summary["objective"] is not None:
        lines.insert(1, f"objective   {summary['objective']:,.2f}")
    lines += [f"{name:<11} {seconds:.2f} s" for name, seconds in summary["seconds"].items()]
    lines += [f"{name}: one more unit changes the cost by {price:,.4f}" for name, price in shadow_prices.items()]
    return "\n".join(lines)
