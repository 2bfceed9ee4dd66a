"""The attributes of each component that the optimum depends on, with their defaults and units.

Names, defaults and units are those of PyPSA 1.x, so that its network folders can be read as they are.
"""

from __future__ import annotations

from math import inf, nan

Default = float | str | bool

_NOMINAL_COST: dict[str, Default] = {
    "capital_cost": 0.0,  # currency/MW
    "overnight_cost": nan,  # currency/MW
    "fom_cost": 0.0,  # currency/MW
    "active": True,
}
_P_NOM: dict[str, Default] = {
    "p_nom": 0.0,  # MW
    "p_nom_extendable": False,
    "p_nom_min": 0.0,  # MW
    "p_nom_max": inf,  # MW
    "p_nom_set": nan,  # MW
    "p_nom_mod": 0.0,  # MW
}
_S_NOM: dict[str, Default] = {name.replace("p_", "s_", 1): value for name, value in _P_NOM.items()}
_RAMP: dict[str, Default] = {"ramp_limit_up": nan, "ramp_limit_down": nan, "p_init": nan, "committable": False}
_BRANCH: dict[str, Default] = {
    "bus0": "",
    "bus1": "",
    "type": "",
    "carrier": "",
    "x": 0.0,  # Ohm for lines, per unit of s_nom for transformers
    "r": 0.0,
    "s_max_pu": 1.0,
    "s_set": nan,  # MVA
    **_S_NOM,
    **_NOMINAL_COST,
}

ATTRIBUTES: dict[str, dict[str, Default]] = {
    "buses": {"v_nom": 1.0, "carrier": "AC"},
    "carriers": {"co2_emissions": 0.0},
    "loads": {"bus": "", "p_set": 0.0, "sign": -1.0, "active": True},
    "generators": {
        "bus": "",
        "carrier": "",
        "sign": 1.0,
        "p_min_pu": 0.0,
        "p_max_pu": 1.0,
        "p_set": nan,  # MW
        "e_sum_min": -inf,  # MWh
        "e_sum_max": inf,  # MWh
        "marginal_cost": 0.0,  # currency/MWh
        "marginal_cost_quadratic": 0.0,
        "efficiency": 1.0,
        **_P_NOM,
        **_NOMINAL_COST,
        **_RAMP,
    },
    "links": {
        "bus0": "",
        "bus1": "",
        "carrier": "",
        "length": 0.0,
        "p_min_pu": 0.0,
        "p_max_pu": 1.0,
        "p_set": nan,
        "efficiency": 1.0,
        "marginal_cost": 0.0,
        "marginal_cost_quadratic": 0.0,
        **_P_NOM,
        **_NOMINAL_COST,
        **_RAMP,
    },
    "lines": {**_BRANCH, "length": 0.0, "num_parallel": 1.0},
    "transformers": {**_BRANCH, "tap_ratio": 1.0, "phase_shift": 0.0, "num_parallel": 1.0},
    "storage_units": {
        "bus": "",
        "carrier": "",
        "p_min_pu": -1.0,
        "p_max_pu": 1.0,
        "p_set": nan,
        "p_dispatch_set": nan,
        "p_store_set": nan,
        "sign": 1.0,
        "max_hours": 1.0,
        "efficiency_store": 1.0,
        "efficiency_dispatch": 1.0,
        "standing_loss": 0.0,  # per hour
        "inflow": 0.0,  # MW
        "spill_cost": 0.0,
        "state_of_charge_initial": 0.0,  # MWh
        "state_of_charge_set": nan,
        "cyclic_state_of_charge": False,
        "marginal_cost": 0.0,
        "marginal_cost_quadratic": 0.0,
        "marginal_cost_storage": 0.0,
        **_P_NOM,
        **_NOMINAL_COST,
    },
    "stores": {
        "bus": "",
        "carrier": "",
        "e_min_pu": 0.0,
        "e_max_pu": 1.0,
        "e_initial": 0.0,  # MWh
        "e_set": nan,
        "e_cyclic": False,
        "p_set": nan,
        "sign": 1.0,
        "standing_loss": 0.0,
        "marginal_cost": 0.0,
        "marginal_cost_quadratic": 0.0,
        "marginal_cost_storage": 0.0,
        **{name.replace("p_nom", "e_nom"): value for name, value in _P_NOM.items()},
        **_NOMINAL_COST,
    },
    "global_constraints": {
        "type": "primary_energy",
        "carrier_attribute": "co2_emissions",
        "sense": "==",
        "constant": 0.0,
        "bus": "",
        "investment_period": nan,
    },
}
"""Component -> attribute -> default. A number's default decides that the attribute is a number."""
