"""Scenarios of a pack side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bihuan.core.records.plan import PlanSummary
from bihuan.plan.folder import read_network
from bihuan.plan.highs import Method
from bihuan.plan.optimum import Timer, solve
from bihuan.plan.pack import EnergyPack, is_energy_folder, read_energy_pack
from bihuan.plan.pack.compiling import compile_network
from bihuan.plan.pack.scenario import BASE
from bihuan.plan.summary import summary

Progress = Callable[[str], None]


def solve_scenarios(
    folder: Path,
    scenarios: Sequence[str] = (BASE,),
    *,
    hours: int | None = None,
    method: Method = "auto",
    timer: Timer = lambda: 0.0,
    progress: Progress = lambda _: None,
) -> tuple[EnergyPack | None, list[PlanSummary]]:
    """Solve scenarios one after the other and sum each up.

    Args:
        folder: a pack's energy folder, or a PyPSA folder, which has only the base case.
        scenarios: their names, in the order of the answer.
        hours: whole weeks that stand for the year; None for every hour.
        method: algorithm of HiGHS.
        timer: clock that a plan's seconds are measured with.
        progress: told what is under way.

    Raises:
        InputError: the folder or a scenario cannot be used.
    """
    pack = read_energy_pack(folder) if is_energy_folder(folder) else None
    found = []
    for at, scenario in enumerate(scenarios, 1):
        progress(f"solving {scenario} ({at} of {len(scenarios)})")
        network = compile_network(pack, scenario, hours=hours) if pack else read_network(folder, scenario, hours=hours)
        found.append(summary(solve(network, method, timer=timer), pack, scenario))
    return pack, found
