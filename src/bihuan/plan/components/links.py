"""Links: p0 is drawn from bus0; bus1, bus2, … receive it times their efficiency."""

from __future__ import annotations

from bihuan.plan.components import ports, power
from bihuan.plan.model import Model


def add(model: Model) -> None:
    """Add flow [MW at bus0] with all that bounds it, and what each further port receives."""
    links = model.take("links")
    p0 = power.add(model, links, "links-p0")
    model.feed(model.network.buses_of(links, "bus0"), p0, -1.0)
    for port in ["1", *ports.further(links, 2)]:
        suffix = "" if port == "1" else port
        ports.feed(model, links, p0, port, links.by_snapshot(f"efficiency{suffix}", model.steps), suffix)
