"""pglib-uc's instances as PyPSA networks, with one tier of start-up cost and the production cost's tangents."""

from __future__ import annotations

from typing import Any

import numpy as np


def as_pypsa(data: dict[str, Any]) -> Any:
    """Return the instance: thermal units with linear cost between least and most power, renewables, load and reserve.

    Reduced on both sides: the first (hottest) tier of start-up cost; one slope of cost; reserves are left out. Where a
    unit would have to be ramped from its given power, the ramp in the first hour is left free.
    """
    import pypsa

    hours = data["time_periods"]
    n = pypsa.Network(snapshots=range(hours))
    n.add("Bus", "system")
    n.add("Load", "demand", bus="system", p_set=data["demand"])
    for name, unit in data["thermal_generators"].items():
        _thermal(n, name, unit)
    for name, unit in data["renewable_generators"].items():
        most = np.array(unit["power_output_maximum"])
        size = max(float(most.max()), 1e-6)
        least = np.array(unit["power_output_minimum"])
        n.add(
            "Generator", name, bus="system", p_nom=size, p_max_pu=most / size, p_min_pu=np.minimum(least, most) / size
        )
    n.add("Generator", "unserved", bus="system", p_nom=1e5, marginal_cost=1e4)
    return n


def _thermal(n: Any, name: str, unit: dict[str, Any]) -> None:
    points = unit["piecewise_production"]
    first, last = points[0], points[-1]
    span = last["mw"] - first["mw"]
    slope = (last["cost"] - first["cost"]) / span if span > 0 else first["cost"] / max(first["mw"], 1e-6)
    size = unit["power_output_maximum"]
    n.add(
        "Generator",
        name,
        bus="system",
        committable=True,
        p_nom=size,
        p_min_pu=unit["power_output_minimum"] / size,
        marginal_cost=slope,
        stand_by_cost=first["cost"] - slope * first["mw"],
        start_up_cost=unit["startup"][0]["cost"],
        min_up_time=unit["time_up_minimum"],
        min_down_time=unit["time_down_minimum"],
        up_time_before=unit["time_up_t0"],
        down_time_before=unit["time_down_t0"],
        ramp_limit_up=min(unit["ramp_up_limit"] / size, 1.0),
        ramp_limit_down=min(unit["ramp_down_limit"] / size, 1.0),
        ramp_limit_start_up=min(unit["ramp_startup_limit"] / size, 1.0),
        ramp_limit_shut_down=min(unit["ramp_shutdown_limit"] / size, 1.0),
    )
