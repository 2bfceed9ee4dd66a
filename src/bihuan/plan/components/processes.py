"""Processes: one activity p; each bus receives it times its rate, draws where the rate is negative."""

from __future__ import annotations

from bihuan.plan.components import ports, power
from bihuan.plan.model import Model


def add(model: Model) -> None:
    """Add activity [MW] with all that bounds it, and what each port receives."""
    processes = model.take("processes")
    if not len(processes):
        return
    p = power.add(model, processes, "processes-p")
    for port in ["0", "1", *ports.further(processes, 2)]:
        ports.feed(model, processes, p, port, processes.by_snapshot(f"rate{port}", model.steps), port)
