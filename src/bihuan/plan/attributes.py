"""The attributes of each kind of component: names, units and defaults of PyPSA 1.4, and those of the city's own kinds.

The reader of network folders, the model, the checks and the reference page all use this one table.
"""

from __future__ import annotations

from math import inf, nan

from bihuan.plan.attribute import Attribute as A
from bihuan.plan.attribute import Table
from bihuan.plan.city.attributes import city_attributes


def _nominal(size: str, unit: str) -> Table:
    """Capacity and what it costs; `size` is `p_nom`, `s_nom` or `e_nom`."""
    cost = f"currency/{unit}"
    return {
        size: A(0.0, unit, "capacity, where the plan may not choose it"),
        f"{size}_extendable": A(False, "", "the plan chooses the capacity"),
        f"{size}_min": A(0.0, unit, "least capacity to choose"),
        f"{size}_max": A(inf, unit, "most capacity to choose"),
        f"{size}_set": A(nan, unit, "capacity the choice is held to"),
        f"{size}_mod": A(0.0, unit, "size of a module; above 0 the capacity comes in whole modules"),
        "capital_cost": A(0.0, cost, "cost of one unit of capacity over the horizon; an annuity for a year"),
        "overnight_cost": A(nan, cost, "investment paid at once; stands for capital_cost after annuity"),
        "discount_rate": A(nan, "per unit", "yearly rate of the annuity of overnight_cost"),
        "fom_cost": A(0.0, cost, "fixed operation and maintenance over the horizon"),
        "build_year": A(0.0, "year", "first year of service, with investment periods"),
        "lifetime": A(inf, "years", "years of service; also of the annuity"),
        "active": A(True, "", "false leaves the component out"),
    }


def _dispatch(unit: str = "MW") -> Table:
    """Bounds, cost and ramps of a power that is decided."""
    return {
        "p_min_pu": A(0.0, "per unit of p_nom", "least power", varying=True),
        "p_max_pu": A(1.0, "per unit of p_nom", "most power", varying=True),
        "p_set": A(nan, unit, "power that is held", varying=True),
        "marginal_cost": A(0.0, "currency/MWh", "cost of one more MWh", varying=True),
        "marginal_cost_quadratic": A(0.0, "currency/MW²h", "cost of the square of the power", varying=True),
    }


_COMMITMENT: Table = {
    "committable": A(False, "", "is on or off, with what starting and stopping take"),
    "stand_by_cost": A(0.0, "currency/h", "cost of being on", varying=True),
    "start_up_cost": A(0.0, "currency", "cost of a start", varying=True),
    "shut_down_cost": A(0.0, "currency", "cost of a stop", varying=True),
    "min_up_time": A(0.0, "snapshots", "least time on after a start"),
    "min_down_time": A(0.0, "snapshots", "least time off after a stop"),
    "up_time_before": A(1.0, "snapshots", "time on before the first snapshot"),
    "down_time_before": A(0.0, "snapshots", "time off before the first snapshot; goes before up_time_before"),
    "p_init": A(nan, "MW", "power before the first snapshot, for its ramp"),
    "ramp_limit_up": A(nan, "per unit of p_nom", "most rise from one snapshot to the next", varying=True),
    "ramp_limit_down": A(nan, "per unit of p_nom", "most fall from one snapshot to the next", varying=True),
    "ramp_limit_start_up": A(nan, "per unit of p_nom", "most power in the snapshot of a start"),
    "ramp_limit_shut_down": A(nan, "per unit of p_nom", "most power in the snapshot before a stop"),
    "maintainable": A(False, "", "must be taken out for maintenance; the plan chooses when"),
    "maintenance_duration": A(0.0, "hours", "length of one outage"),
    "maintenance_events": A(1.0, "", "number of outages over the horizon"),
    "maintenance_pu": A(1.0, "per unit of p_nom", "share that is out meanwhile"),
}

_BRANCH: Table = {
    "bus0": A("", "", "bus the flow is counted from"),
    "bus1": A("", "", "bus the flow is counted to"),
    "type": A("", "", "standard type that gives the impedance"),
    "carrier": A("", "", "energy carrier; empty takes that of bus0"),
    "num_parallel": A(1.0, "", "circuits of the standard type in parallel"),
    "s_max_pu": A(1.0, "per unit of s_nom", "most flow either way", varying=True),
    "v_ang_max": A(inf, "degrees", "most difference of the voltage angles at both ends"),
    **_nominal("s_nom", "MVA"),
}

_LIMIT_SENSES = "<=, == or >="

PYPSA: dict[str, Table] = {
    "buses": {
        "v_nom": A(1.0, "kV", "nominal voltage"),
        "carrier": A("AC", "", "what flows there: AC, DC, heat, gas, …"),
    },
    "carriers": {
        "co2_emissions": A(0.0, "t/MWh", "emissions of one MWh of the carrier burnt (thermal)"),
        "max_growth": A(inf, "MW", "most new capacity in an investment period"),
        "max_relative_growth": A(0.0, "", "new capacity allowed on top, per unit of that of the period before"),
    },
    "loads": {
        "bus": A("", "", "bus it draws from"),
        "carrier": A("", "", "energy carrier; for reports"),
        "p_set": A(0.0, "MW", "what must be served", varying=True),
        "sign": A(-1.0, "", "−1 draws from the bus, +1 feeds it"),
        "active": A(True, "", "false leaves the load out"),
    },
    "generators": {
        "renewable": A(False, "", "counts for a renewable share"),
        "bus": A("", "", "bus it feeds"),
        "carrier": A("", "", "what it burns or harvests"),
        "sign": A(1.0, "", "+1 feeds the bus, −1 draws from it"),
        **_nominal("p_nom", "MW"),
        **_dispatch(),
        "efficiency": A(1.0, "per unit", "power out per primary energy in, for limits on primary energy", varying=True),
        "e_sum_min": A(-inf, "MWh", "least energy over all snapshots"),
        "e_sum_max": A(inf, "MWh", "most energy over all snapshots"),
        **_COMMITMENT,
    },
    "links": {
        "bus0": A("", "", "bus it draws p0 from"),
        "bus1": A("", "", "bus it feeds with efficiency · p0; further ones are bus2, bus3, …"),
        "carrier": A("", "", "technology; empty takes the carrier of bus0"),
        "length": A(0.0, "km", "length, for limits on the volume of transmission"),
        "efficiency": A(1.0, "per unit", "what bus1 receives per p0; of bus2 it is efficiency2, …", varying=True),
        "delay": A(0.0, "hours", "time until bus1 receives it; of bus2 it is delay2, …"),
        "cyclic_delay": A(True, "", "what is on its way at the end arrives at the beginning"),
        **_nominal("p_nom", "MW"),
        **_dispatch(),
        **_COMMITMENT,
    },
    "processes": {
        "bus0": A("", "", "first bus; further ones are bus1, bus2, …"),
        "bus1": A("", "", "second bus"),
        "carrier": A("", "", "technology"),
        "rate0": A(-1.0, "per unit", "what bus0 receives per p; negative draws from it", varying=True),
        "rate1": A(1.0, "per unit", "what bus1 receives per p", varying=True),
        "delay0": A(0.0, "hours", "time until bus0 receives it"),
        "cyclic_delay0": A(True, "", "what is on its way at the end arrives at the beginning"),
        "delay1": A(0.0, "hours", "time until bus1 receives it"),
        "cyclic_delay1": A(True, "", "what is on its way at the end arrives at the beginning"),
        "length": A(0.0, "km", "length; for reports"),
        **_nominal("p_nom", "MW"),
        **_dispatch(),
        **_COMMITMENT,
    },
    "lines": {
        **_BRANCH,
        "x": A(0.0, "Ohm", "series reactance"),
        "r": A(0.0, "Ohm", "series resistance; stands for x on direct current"),
        "length": A(0.0, "km", "length, for standard types and limits on the volume of transmission"),
    },
    "transformers": {
        **_BRANCH,
        "x": A(0.0, "per unit of s_nom", "series reactance"),
        "r": A(0.0, "per unit of s_nom", "series resistance"),
        "tap_ratio": A(1.0, "per unit", "ratio of the tap changer"),
        "tap_position": A(0.0, "", "position of the tap changer of a standard type"),
        "phase_shift": A(0.0, "degrees", "shift of the voltage angle", varying=True),
        "phase_shift_min": A(0.0, "degrees", "least shift, where the plan chooses it"),
        "phase_shift_max": A(0.0, "degrees", "most shift; above the least the plan chooses it by snapshot"),
    },
    "storage_units": {
        "bus": A("", "", "bus it feeds and draws from"),
        "carrier": A("", "", "technology"),
        "sign": A(1.0, "", "+1 feeds the bus when it discharges"),
        **_nominal("p_nom", "MW"),
        **_dispatch(),
        "p_min_pu": A(-1.0, "per unit of p_nom", "most charging, negative", varying=True),
        "p_set": A(nan, "MW", "discharge less charge that is held", varying=True),
        "p_dispatch_set": A(nan, "MW", "discharge that is held", varying=True),
        "p_store_set": A(nan, "MW", "charge that is held", varying=True),
        "max_hours": A(1.0, "hours", "energy capacity per power capacity"),
        "efficiency_store": A(1.0, "per unit", "energy stored per energy drawn", varying=True),
        "efficiency_dispatch": A(1.0, "per unit", "energy given off per energy taken from the store", varying=True),
        "standing_loss": A(0.0, "per unit per hour", "loss of what is stored", varying=True),
        "inflow": A(0.0, "MW", "energy that flows in by itself", varying=True),
        "spill_cost": A(0.0, "currency/MWh", "cost of inflow let go", varying=True),
        "state_of_charge_initial": A(0.0, "MWh", "stored before the first snapshot"),
        "state_of_charge_initial_per_period": A(False, "", "each investment period starts from it anew"),
        "state_of_charge_set": A(nan, "MWh", "state of charge that is held", varying=True),
        "cyclic_state_of_charge": A(False, "", "ends as it begins"),
        "cyclic_state_of_charge_per_period": A(False, "", "each investment period ends as it begins"),
        "marginal_cost_storage": A(0.0, "currency/MWh/h", "cost of keeping one MWh for an hour", varying=True),
    },
    "stores": {
        "bus": A("", "", "bus it feeds and draws from"),
        "carrier": A("", "", "what is stored; empty takes the carrier of the bus"),
        "sign": A(1.0, "", "+1 feeds the bus when p is positive"),
        **_nominal("e_nom", "MWh"),
        "e_min_pu": A(0.0, "per unit of e_nom", "least level", varying=True),
        "e_max_pu": A(1.0, "per unit of e_nom", "most level", varying=True),
        "e_initial": A(0.0, "MWh", "level before the first snapshot"),
        "e_initial_per_period": A(False, "", "each investment period starts from it anew"),
        "e_set": A(nan, "MWh", "level that is held", varying=True),
        "e_cyclic": A(False, "", "ends as it begins"),
        "e_cyclic_per_period": A(False, "", "each investment period ends as it begins"),
        "p_set": A(nan, "MW", "power that is held", varying=True),
        "standing_loss": A(0.0, "per unit per hour", "loss of what is stored", varying=True),
        "marginal_cost": A(0.0, "currency/MWh", "cost of one more MWh given off", varying=True),
        "marginal_cost_quadratic": A(0.0, "currency/MW²h", "cost of the square of the power", varying=True),
        "marginal_cost_storage": A(0.0, "currency/MWh/h", "cost of keeping one MWh for an hour", varying=True),
    },
    "global_constraints": {
        "type": A("primary_energy", "", "what is limited; see below"),
        "carrier_attribute": A("co2_emissions", "", "attribute of carriers, or the carriers themselves"),
        "sense": A("==", "", _LIMIT_SENSES),
        "constant": A(0.0, "", "right side, in the unit of what is limited"),
        "bus": A("", "", "only capacity at this bus"),
        "investment_period": A(nan, "year", "only this investment period"),
    },
    "line_types": {
        "r_per_length": A(0.0, "Ohm/km", "resistance of one circuit"),
        "x_per_length": A(0.0, "Ohm/km", "reactance of one circuit"),
    },
    "transformer_types": {
        "s_nom": A(0.0, "MVA", "capacity"),
        "vsc": A(0.0, "%", "short-circuit voltage"),
        "vscr": A(0.0, "%", "its resistive part"),
        "phase_shift": A(0.0, "degrees", "shift of the voltage angle"),
        "tap_neutral": A(0.0, "", "neutral position of the tap changer"),
        "tap_step": A(0.0, "%", "voltage of one step"),
    },
}
"""Kinds of PyPSA, as its network folders call them -> attribute -> what it is."""

ATTRIBUTES: dict[str, Table] = {**PYPSA, **city_attributes(_nominal("p_nom", "MW"))}
"""All kinds, the city's own among them -> attribute -> what it is."""

NOMINAL: dict[str, str] = {
    "generators": "p_nom",
    "links": "p_nom",
    "processes": "p_nom",
    "lines": "s_nom",
    "transformers": "s_nom",
    "storage_units": "p_nom",
    "stores": "e_nom",
    "thermal_units": "p_nom",
}
"""Kind -> the attribute that is its capacity."""
