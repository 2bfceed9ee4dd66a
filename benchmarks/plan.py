"""plan beside PyPSA, in the same run: overhead, memory, whole runs, sweeps, rolling horizon, growth, unit commitment.

`python -m benchmarks.plan` runs what is bounded; name parts to run those (`python -m benchmarks.plan overhead year`).
Processor time is given beside wall time, since a busy machine stretches the one and not the other.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import version
from benchmarks.plan_case import SEED, city, quiet
from bihuan.plan import Options, from_pypsa, highs, optimum, read_network, solve
from bihuan.plan.network import Network
from bihuan.plan.results import read_back
from bihuan.plan.rolling import roll
from bihuan.plan.sweep import evenly, sweep

SHARED = Path(os.environ.get("BIHUAN_SHARED", Path(__file__).parents[2] / "shared"))
WINDOWS = 4
"""Windows of the rolling horizon that PyPSA is timed on where it is not timed in full; its year is reckoned from them."""
LARGE_GB = 10.0
"""Memory that must be free for the largest cell of the growth table."""


@dataclass(frozen=True)
class Time:
    """How long something took."""

    wall: float
    processor: float

    def __add__(self, other: Time) -> Time:
        return Time(self.wall + other.wall, self.processor + other.processor)

    def times(self, factor: float) -> Time:
        """Return so many times this time."""
        return Time(self.wall * factor, self.processor * factor)

    def __str__(self) -> str:
        return f"{self.wall:8.2f} s wall {self.processor:8.2f} s cpu"


def timed(work: Callable[[], Any]) -> tuple[Any, Time]:
    """Return what the work gives, and what it took."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    return result, Time(time.perf_counter() - wall, time.process_time() - processor)


def best(work: Callable[[], Any], times: int) -> tuple[Any, Time]:
    """Return the quickest of several runs by processor time."""
    runs = [timed(work) for _ in range(times)]
    return min(runs, key=lambda run: run[1].processor)


def row(what: str, asked: str, ours: Time, theirs: Time, note: str = "") -> None:
    """One line of the table; the ratio is of processor time, wall beside it."""
    ratio, wall = theirs.processor / max(ours.processor, 1e-9), theirs.wall / max(ours.wall, 1e-9)
    print(
        f"{what:<44} asked {asked:<12} {ratio:6.1f} x cpu, {wall:6.1f} x wall | bihuan {ours} | PyPSA {theirs} {note}",
        flush=True,
    )


# What each needs beside the solver: build, hand over, read back.


def our_overhead(network: Network) -> Any:
    """Check, build, hand over and read back, with a made-up solution."""
    optimum.demand_sound(network)
    model = optimum.build(network)
    solver, entries = highs.hand_over(model.problem, Options())
    problem = model.problem
    made_up = highs.Answer("optimal", 1.0, 0.0, np.zeros(problem.columns), np.zeros(problem.rows), np.zeros(0), 0)
    read_back(model, made_up, entries)
    return solver


def their_overhead(n: Any, io_api: str) -> Any:
    """The same of PyPSA: model, hand-over in memory or by file, and a made-up solution put into its tables."""
    from linopy.constants import Result, Solution, Status
    from linopy.solvers import Solver

    with quiet():
        m = n.optimize.create_model(include_objective_constant=False)
        with tempfile.TemporaryDirectory() as folder:
            how = {} if io_api == "direct" else {"problem_fn": Path(folder) / "problem.lp", "progress": False}
            solver = Solver.from_name("highs", model=m, io_api=io_api, options={"output_flag": False}, **how)
            if io_api != "direct":
                import highspy

                reader = highspy.Highs()
                reader.setOptionValue("output_flag", False)
                reader.readModel(str(Path(folder) / "problem.lp"))
        size = [max(part.range[1] for _, part in parts.items()) for parts in (m.variables, m.constraints)]
        status = Status.from_termination_condition("optimal")
        m.assign_result(Result(status, Solution(np.zeros(size[0]), np.zeros(size[1]), 1.0)))
        n.optimize.assign_solution()
        n.optimize.assign_duals()
        n.optimize.post_processing()
    return solver


def overhead(hours: tuple[int, ...] = (336, 8760)) -> None:
    """Build, hand-over and read-back, without the solver."""
    for count in hours:
        with quiet():
            n = city(count)
        network = from_pypsa(n)
        asked = {336: ("30 x", "30 x"), 8760: ("4.5 x", "18 x")}.get(count, ("", ""))
        _, ours = best(lambda network=network: our_overhead(network), 3)
        for io_api, name, want in (("direct", "in memory", asked[0]), ("lp", "by its default file", asked[1])):
            _, theirs = best(lambda n=n, io_api=io_api: their_overhead(n, io_api), 2 if count < 1000 else 1)
            row(f"overhead, {count} h, PyPSA {name}", want, ours, theirs)


def whole(hours: int = 336, seeds: tuple[int, ...] = (SEED, 7, 11)) -> None:
    """Network in memory -> results, the same HiGHS, method and tolerance on both sides; then each by its own default."""
    cases = []
    for seed in seeds:
        with quiet():
            n = city(hours, seed=seed)
        cases.append((n, from_pypsa(n)))
    for ours_by, theirs_by in (("simplex", "simplex"), ("ipm", "ipm"), ("auto", "choose")):
        ours = peer = Time(0, 0)
        worst = 0.0
        for n, network in cases:
            plan, took = timed(lambda network=network, method=ours_by: solve(network, method))

            def theirs(n: Any = n, method: str = theirs_by) -> Any:
                with quiet():
                    how = {"io_api": "direct", "output_flag": False, "solver": method}
                    return n.optimize(include_objective_constant=False, **how)

            ours, peer = ours + took, peer + timed(theirs)[1]
            worst = max(worst, abs(plan.objective / n.objective - 1))
        note = f"({len(seeds)} seeds together); objectives within {worst:.0e}"
        what = ours_by if ours_by == theirs_by else f"each by default ({ours_by}, {theirs_by})"
        row(f"whole run, {hours} h, {what}", "1.4 x", ours, peer, note)


# Peak memory until the solver starts, each in a process of its own.

_MEMORY = {
    "bihuan": "from benchmarks.plan import our_overhead as o; o(n)",
    "direct": "from benchmarks.plan import their_overhead as o; o(n, 'direct')",
    "lp": "from benchmarks.plan import their_overhead as o; o(n, 'lp')",
}


def _peak_mb(who: str, folder: str) -> float:
    """Peak resident memory over what the imports take [MB], the network read from its folder included."""
    read = "read_network(Path(f))" if who == "bihuan" else "pypsa.Network(f)"
    code = (
        "import re, sys; from pathlib import Path; import polars, pypsa, benchmarks.plan;"
        "from bihuan.plan import read_network; from benchmarks.plan_case import quiet; f = sys.argv[1]\n"
        "peak = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) / 1024\n"
        "before = peak()\n"
        f"with quiet(): n = {read}\n{_MEMORY[who]}\nprint(peak() - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    return float(done.stdout.strip().splitlines()[-1])


def memory(hours: int = 8760) -> None:
    """Peak memory until the solver starts."""
    with tempfile.TemporaryDirectory() as folder, quiet():
        city(hours).export_to_csv_folder(folder)
        peak = {who: _peak_mb(who, folder) for who in _MEMORY}
    for who, asked in (("direct", "half"), ("lp", "a seventh")):
        name = "in memory" if who == "direct" else "by its default file"
        share = peak["bihuan"] / peak[who]
        print(
            f"{f'memory over imports, {hours} h, PyPSA {name}':<44} asked {asked:<12} {share:6.2f} of it | "
            f"bihuan {peak['bihuan']:.0f} MB | PyPSA {peak[who]:.0f} MB",
            flush=True,
        )


def sweeps(hours: int = 336, steps: int = 20, theirs_run: int = 2) -> None:
    """Caps on CO2: ours all of them, PyPSA's as many as `theirs_run`, its whole reckoned from these where fewer."""
    with quiet():
        n = city(hours)
    network = from_pypsa(n)
    cap = float(n.c.global_constraints.static.constant["co2"])
    caps = evenly(cap * 1.2, cap * 0.5, steps)
    points, ours = timed(lambda: list(sweep(network, "co2", caps)))
    spent, chosen = Time(0, 0), [caps[int(at)] for at in np.linspace(0, steps - 1, theirs_run)]
    worst = 0.0
    for constant in chosen:
        n.c.global_constraints.static.loc["co2", "constant"] = constant

        def once() -> None:
            with quiet():
                n.optimize(include_objective_constant=False, io_api="direct", output_flag=False)

        spent = spent + timed(once)[1]
        mine = next(point for point in points if point.constant == constant)
        worst = max(worst, abs(mine.objective / n.objective - 1))
    reckoned = f"{theirs_run} runs" + (f", times {steps}/{theirs_run}" if theirs_run < steps else "")
    note = f"(PyPSA: {reckoned}); objectives within {worst:.0e}"
    row(f"sweep of {steps} caps, {hours} h", "5 x", ours, spent.times(steps / theirs_run), note)


def rolling(hours: int = 8760, horizon: int = 48, windows: int = WINDOWS) -> None:
    """A year in windows, capacities given: ours the year, PyPSA's so many, its year reckoned from these where fewer."""
    with quiet():
        n = city(hours)
        n.remove("GlobalConstraint", "co2")
        for kind in ("generators", "storage_units"):
            table = n.c[kind].static
            table.loc[table.p_nom_extendable, "p_nom"] = 100.0
            table["p_nom_extendable"] = False
            if "cyclic_state_of_charge" in table:
                table["cyclic_state_of_charge"] = False
    network = from_pypsa(n)
    rolled, ours = timed(lambda: roll(network, horizon))
    part = n.snapshots[: horizon * windows]
    run = min(windows, rolled.windows)

    def theirs() -> None:
        with quiet():
            n.optimize.optimize_with_rolling_horizon(
                part, horizon=horizon, include_objective_constant=False, io_api="direct", output_flag=False
            )

    _, spent = timed(theirs)
    reckoned = f"{run}" + (f", times {rolled.windows}/{run}" if run < rolled.windows else "")
    note = f"{rolled.status}, {rolled.windows} windows (PyPSA: {reckoned})"
    row(f"{hours} h in windows of {horizon} h", "20 x", ours, spent.times(rolled.windows / run), note)


def free_gb() -> float:
    """Return the memory that can be had without swapping."""
    line = re.search(r"MemAvailable:\s+(\d+)", Path("/proc/meminfo").read_text())
    return int(line[1]) / 1024**2 if line else 0.0


def growth() -> None:
    """Build time over components and hours; a line of the chart is a number of components."""
    print("growth of build and hand-over [ms of processor], components x hours")
    measured: dict[tuple[int, int], float] = {}
    for times in (1, 4, 16):
        for hours in (168, 2190, 8760):
            if times * hours > 4 * 8760 and free_gb() < LARGE_GB:
                print(f"  x{times:<3} {hours:5} h not measured: {free_gb():.1f} GB are free, {LARGE_GB:g} are needed")
                continue
            with quiet():
                network = from_pypsa(city(hours, times))
            _, took = best(lambda network=network: our_overhead(network), 2 if times * hours <= 4 * 8760 else 1)
            measured[times, hours] = took.processor * 1000
    for (times, hours), took in measured.items():
        per = took / (times * hours) * 1000
        bar = "#" * max(1, round(took / 60))
        print(f"  x{times:<3} {hours:5} h {took:9.1f} ms  {per:6.1f} µs per city-hour  {bar}", flush=True)


def commitment(gap: float = 1e-3, limit_s: float = 420.0, instances: str = "rts_gmlc_*") -> None:
    """pglib-uc's 48 h, start-up cost reduced to one tier on both sides, solved to 0.1 % or as far as the limit lets."""
    from benchmarks.plan_pglib import as_pypsa

    paths = sorted((SHARED / "peers" / "pglib-uc").glob(f"{instances}.json"))
    if not paths:
        print(f"unit commitment: not measured, {SHARED / 'peers' / 'pglib-uc'} has no {instances}.json")
    for path in paths:
        with quiet():
            n = as_pypsa(json.loads(path.read_text()))
        network = from_pypsa(n)
        plan, ours = timed(lambda network=network: solve(network, options=Options(gap=gap, time_limit=limit_s)))

        def theirs(n: Any = n) -> Any:
            with quiet():
                how = {"mip_rel_gap": gap, "time_limit": limit_s, "output_flag": False, "io_api": "direct"}
                return n.optimize(include_objective_constant=False, **how)

        said, peer = timed(theirs)
        reached = (
            f"bihuan {plan.status} {plan.objective:,.0f} gap {plan.gap:.2e}; PyPSA {said[1]} {n.objective or 0:,.0f}"
        )
        row(f"unit commitment, {path.stem}", "to 0.1 %", ours, peer, reached)


def objectives() -> None:
    """PyPSA's example networks under ../shared."""
    import pypsa

    for name in ("ac-dc-meshed", "storage-hvdc", "scigrid-de"):
        folder = SHARED / "peers" / "pypsa" / name
        if not folder.is_dir():
            print(f"objective of {name}: not measured, {folder} is missing")
            continue
        with quiet():
            n = pypsa.Network(folder)
            _, peer = timed(
                lambda n=n: n.optimize(include_objective_constant=False, io_api="direct", output_flag=False)
            )
        network = read_network(folder)
        plan, ours = timed(lambda network=network: solve(network))
        row(f"objective, {name}", "1e-6", ours, peer, f"{plan.objective / n.objective - 1:+.1e}")


def year(limit_s: float = 600.0, method: str = "ipm") -> None:
    """8760 h to 1e-4, bounded: what is proven within the limit."""
    with quiet():
        network = from_pypsa(city(8760))
    options = Options(
        method=method, time_limit=limit_s, extra={"run_crossover": "off", "ipm_optimality_tolerance": 1e-4}
    )  # type: ignore[arg-type]
    plan, ours = timed(lambda: solve(network, options=options))
    print(f"whole run, 8760 h, {method}, {limit_s:.0f} s at most: {plan.status}, gap {plan.gap}, {ours}")


BOUNDED = {
    "overhead": overhead,
    "memory": memory,
    "objectives": objectives,
    "growth": growth,
    "rolling": rolling,
    "commitment": commitment,
    "whole": whole,
    "sweep": sweeps,
}
HEAVY = {
    "year": year,
    "sweep-full": lambda: sweeps(theirs_run=20),
    "rolling-full": lambda: rolling(windows=8760 // 48 + 1),
}


def bench(chosen: list[str] | None = None) -> None:
    """Run the parts named, or all that are bounded."""
    peers = ", ".join(f"{name} {version(name)}" for name in ("pypsa", "linopy", "highspy", "numpy", "pandas", "xarray"))
    print(f"{peers}; load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores")
    for name in chosen or BOUNDED:
        {**BOUNDED, **HEAVY}[name]()


if __name__ == "__main__":
    bench(sys.argv[1:])
