"""`bihuan plan`: the least-cost energy system from the command line."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from bihuan.plan import Network, Plan
    from bihuan.plan.highs import Progress
    from bihuan.plan.sweep import Point

app = typer.Typer(help="Energy system: the least-cost plan.", no_args_is_help=True)


class Method(StrEnum):
    """Algorithms of HiGHS."""

    auto = "auto"
    simplex = "simplex"
    ipm = "ipm"
    hipo = "hipo"
    pdlp = "pdlp"


_NETWORK = typer.Argument(help="A network: a PyPSA folder (CSV) or netCDF file, or a pack's energy folder.")
_SCENARIO = typer.Option("base", help="Scenario of a pack.")
_HOURS = typer.Option(None, help="Whole weeks that stand for a pack's year, such as 672.")
_METHOD = typer.Option(Method.auto, help="Algorithm of HiGHS; auto chooses by size.")
_TIME_LIMIT = typer.Option(None, min=0.0, help="Seconds after which the solver stops; what it has is kept.")
_GAP = typer.Option(1e-4, min=0.0, help="Relative gap at which a plan with whole numbers counts as optimal.")
_RELAXED = typer.Option(False, "--linearized", help="Units may be on in part: unit commitment relaxed to an LP.")
_JSON = typer.Option(False, "--json", help="One JSON object on stdout.")
_OUT = typer.Option(None, help="Write the plan: a PyPSA folder, or a netCDF file where it ends in .nc.")
_PARQUET = typer.Option(None, help="Write every result as a Parquet file into this folder.")


@app.callback()
def _family() -> None: ...


@app.command()
def solve(
    folder: Path = _NETWORK,
    scenario: str = _SCENARIO,
    hours: int | None = _HOURS,
    method: Method = _METHOD,
    time_limit: float | None = _TIME_LIMIT,
    gap: float = _GAP,
    linearized: bool = _RELAXED,
    out: Path | None = _OUT,
    parquet: Path | None = _PARQUET,
    as_json: bool = _JSON,
) -> None:
    """Solve a network to its proven optimum; exit code 1 where none is proven.

    Ctrl-C stops the solver and keeps the best plan it has.

    Example: bihuan plan solve my-network/ --out solved/ --json
    """
    from bihuan.plan import Options, Settings
    from bihuan.plan import solve as solve_network

    network, read = _read(folder, scenario, hours)
    with _progress() as progress:
        options = Options(method.value, time_limit, gap, progress=progress, interruptible=True)
        plan = solve_network(network, options=options, settings=Settings(linearized), timer=time.perf_counter)
    plan.seconds["read"] = read
    _write(plan, out, parquet)
    print(json.dumps(_summary(plan)) if as_json else _in_words(plan))
    _exit(plan)


@app.command("sweep")
def sweep_(
    folder: Path = _NETWORK,
    constraint: str = typer.Option("", help="Global constraint to move; empty takes the cap on CO2."),
    values: str = typer.Option("", help="Its right sides, separated by commas."),
    first: float = typer.Option(float("nan"), "--from", help="First right side, with --to and --steps."),
    last: float = typer.Option(float("nan"), "--to", help="Last right side."),
    steps: int = typer.Option(10, min=1, help="Number of right sides from --from to --to."),
    ray: str | None = typer.Option(None, help="Spread over Ray: 'local' or the address of a cluster."),
    linearized: bool = _RELAXED,
    as_json: bool = _JSON,
) -> None:
    """Solve a network with one limit at many values; the model and the last basis are used again.

    Example: bihuan plan sweep my-network/ --from 500000 --to 200000 --steps 20
    """
    from bihuan.plan import Settings
    from bihuan.plan.sweep import evenly, sweep, sweep_on_ray, with_carbon_cap

    network, _ = _read(folder, "base", None)
    network, name = (network, constraint) if constraint else with_carbon_cap(network)
    constants = [_number(value) for value in values.split(",")] if values else evenly(first, last, steps)
    settings = Settings(linearized)
    if ray is not None:
        address = None if ray == "local" else ray
        solved: Iterable[Point] = sweep_on_ray(network, name, constants, address=address, settings=settings)
    else:
        solved = sweep(network, name, constants, settings=settings)
    points = []
    for point in solved:
        points.append(point)
        if not as_json:
            _tell(point)
    if as_json:
        print(json.dumps({"constraint": name, "points": [_point(point) for point in points]}))
    if any(point.status != "optimal" for point in points):
        raise typer.Exit(1)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no number", param_hint="--values") from None


def _point(point: Point) -> dict[str, Any]:
    numbers = {name: _known(getattr(point, name)) for name in ("objective", "shadow_price", "used")}
    return {"constant": point.constant, "status": point.status, **numbers, "iterations": point.iterations}


def _tell(point: Point) -> None:
    print(f"{point.constant:>16,.2f}  {point.status:<12} {point.objective:>20,.2f}  {point.shadow_price:>14,.4f}")


@app.command("roll")
def roll_(
    folder: Path = _NETWORK,
    horizon: int = typer.Option(48, min=1, help="Snapshots of a window."),
    overlap: int = typer.Option(0, min=0, help="Snapshots at its end that the next window solves again."),
    use_opt: bool = typer.Option(False, "--built", help="Take capacities to choose as built, from the columns …_opt."),
    parquet: Path | None = _PARQUET,
    linearized: bool = _RELAXED,
    as_json: bool = _JSON,
) -> None:
    """Solve a year window by window; levels, commitment and what is left of budgets are handed on.

    Example: bihuan plan roll solved/ --built --horizon 48 --overlap 24
    """
    from bihuan.plan import Settings
    from bihuan.plan.rolling import built_as_solved, roll
    from bihuan.plan.written import write_series

    network, read = _read(folder, "base", None)
    network = built_as_solved(network) if use_opt else network
    begun = time.perf_counter()
    with _progress() as progress:
        told = (lambda done, of: progress(f"window {done} of {of}")) if progress else lambda done, of: None
        rolled = roll(network, horizon, overlap, settings=Settings(linearized), told=told)
    if parquet is not None:
        write_series(rolled.series, network.snapshots, parquet)
    summary = {
        "status": rolled.status,
        "objective": rolled.objective,
        "windows": rolled.windows,
        "solved": rolled.solved,
        "seconds": {"read": read, "roll": time.perf_counter() - begun},
    }
    print(json.dumps(summary) if as_json else "\n".join(f"{key:<11} {value}" for key, value in summary.items()))
    if rolled.status != "optimal":
        at = network.snapshots[min(rolled.solved * (horizon - overlap), len(network.snapshots) - 1)]
        print(f"bihuan: the window from {at} is {rolled.status}; what lies before it is kept", file=sys.stderr)
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


def _read(path: Path, scenario: str, hours: int | None) -> tuple[Network, float]:
    from bihuan.plan import read_network

    begun = time.perf_counter()
    network = read_network(path, scenario, hours=hours)
    for warning in network.warnings:
        print(f"bihuan: warning: {warning}", file=sys.stderr)
    return network, time.perf_counter() - begun


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """On a terminal the solver's last line of log is shown while it works."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("building") as status:
        yield lambda line: status.update(escape(line.strip())) if line.strip() else None


def _write(plan: Plan, out: Path | None, parquet: Path | None) -> None:
    from bihuan.plan.netcdf import write_netcdf
    from bihuan.plan.written import write_parquet, write_pypsa_folder

    if not plan.has_values and (out or parquet):
        print("bihuan: there is no plan to write", file=sys.stderr)
        return
    if out is not None:
        (write_netcdf if out.suffix == ".nc" else write_pypsa_folder)(plan, out)
    if parquet is not None:
        write_parquet(plan, parquet)


def _summary(plan: Plan) -> dict[str, Any]:
    order = ("read", "build", "solve", "results")
    return {
        "status": plan.status,
        "objective": _known(plan.objective),
        "gap": _known(plan.gap),
        "seconds": {name: plan.seconds[name] for name in order},
        "rows": plan.rows,
        "columns": plan.columns,
        "nonzeros": plan.nonzeros,
        "peak_mb": _peak_mb(),
    }


def _known(number: float) -> float | None:
    return None if number != number else number


def _peak_mb() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_words(plan: Plan) -> str:
    size = f"{plan.rows:,} rows, {plan.columns:,} columns, {plan.nonzeros:,} entries"
    lines = [f"status      {plan.status}"]
    if plan.objective == plan.objective:
        lines.append(f"objective   {plan.objective:,.2f}")
    if plan.gap == plan.gap and plan.gap > 0:
        lines.append(f"gap         {plan.gap:.2e}")
    lines += [f"problem     {size}", f"peak        {_peak_mb():.0f} MB"]
    lines += [f"{name:<11} {seconds:.2f} s" for name, seconds in plan.seconds.items()]
    lines += [f"{name}: one more unit changes the cost by {price:,.4f}" for name, price in plan.shadow_prices.items()]
    return "\n".join([*lines, *plan.notes])


def _exit(plan: Plan) -> None:
    """Say on stderr why there is no proven optimum, and leave with 1."""
    if plan.status == "optimal":
        return
    print(f"bihuan: {_REASONS[plan.status]}", file=sys.stderr)
    raise typer.Exit(1)


_REASONS = {
    "infeasible": "no plan fits the network; `bihuan plan explain` names what conflicts",
    "unbounded": "the cost falls without end; `bihuan plan explain` names what earns it",
    "infeasible_or_unbounded": "either no plan fits the network, or the cost falls without end",
    "time_limit": "stopped at the time limit: no optimum is proven; what is shown is the best plan known, if any",
    "iteration_limit": "stopped at a limit of iterations: no optimum is proven",
    "interrupted": "interrupted: no optimum is proven; what is shown is the best plan known, if any",
    "unknown": "the solver does not vouch for its answer (numerical trouble): try another --method",
}
