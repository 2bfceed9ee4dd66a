"""Attributes of the city's own kinds of component, in the form of `plan.attributes`."""

from __future__ import annotations

from math import inf

from bihuan.plan.attribute import Attribute as A
from bihuan.plan.attribute import Table

_ACTIVE: Table = {"active": A(True, "", "false leaves the component out")}


def city_attributes(capacity: Table) -> dict[str, Table]:
    """Return kind -> attribute -> what it is; `capacity` are the attributes of a `p_nom` and its cost."""
    return {
        "fuels": {"co2": A(0.0, "t/tce", "emissions of one tonne of standard coal")},
        "thermal_units": {
            "bus": A("", "", "bus that power is given to"),
            "heat_bus": A("", "", "bus that heat is given to; empty for none"),
            "fuel": A("", "", "bus that fuel is taken from [tce/h]"),
            "type": A("condensing", "", "condensing, extraction or back_pressure"),
            **capacity,
            "auxiliary": A(0.0, "per unit", "own use of gross output"),
            "coal_rate": A(0.0, "tce/MWh", "fuel of one gross MWh and of c_v MWh of heat"),
            "heat_rate": A(0.0, "tce/MWh", "fuel of one MWh of heat beyond that"),
            "c_v": A(0.0, "MW/MW", "power lost per heat taken"),
            "c_b": A(0.0, "MW/MW", "power per heat at back pressure"),
            "q_nom_pu": A(0.0, "per unit of p_nom", "most heat"),
            "p_min_pu": A(0.0, "per unit", "least steam of what is online"),
            "availability": A(1.0, "per unit of p_nom", "most that can be online", varying=True),
            "online_min_pu": A(0.0, "per unit of p_nom", "least that is online", varying=True),
            "ramp": A(1.0, "per unit per snapshot", "most change of load, of what is online"),
            "start_cost": A(0.0, "currency/MW", "cost of starting"),
            "marginal_cost": A(0.0, "currency/MWh", "cost of one gross MWh beside fuel; allowances taken off"),
            "marginal_cost_heat": A(0.0, "currency/MWh", "cost of one MWh of heat beside fuel; allowances taken off"),
            "group": A("", "", "plant of which it is a version"),
            "group_p_nom": A(0.0, "MW", "capacity of that plant"),
        },
        "heat_districts": {
            "bus": A("", "", "heat bus"),
            "demand": A(0.0, "MW", "heat asked for", varying=True),
            "obligation": A(1.0, "per unit", "share that must be served"),
            "shortfall_cost": A(0.0, "currency/MWh", "cost of what is not served"),
            **_ACTIVE,
        },
        "flexible_loads": {
            "bus": A("", "", "bus it draws from"),
            "carrier": A("", "", "use"),
            "load": A(0.0, "MW", "load as it arrives", varying=True),
            "flexible": A(0.0, "per unit", "share that may wait"),
            "window": A(0.0, "h", "how long it may wait"),
            "p_nom": A(inf, "MW", "most drawn at once"),
            **_ACTIVE,
        },
        "export_contracts": {
            "bus": A("", "", "bus the line begins at"),
            "p_nom": A(inf, "MW", "limit of the line"),
            "energy_min": A(0.0, "MWh", "least in the year"),
            "energy_max": A(inf, "MWh", "most in the year"),
            "price": A(0.0, "currency/MWh", "paid", varying=True),
            "shape": A(1.0, "per unit", "hourly shape, any scale", varying=True),
            "band": A(inf, "per unit", "allowed departure from the shape"),
            **_ACTIVE,
        },
        "reserves": {
            "bus": A("", "", "bus it is kept at"),
            "load_share": A(0.0, "per unit", "of the load"),
            "renewable_share": A(0.0, "per unit", "of wind and sun as fed in"),
            "storage_hours": A(1.0, "h", "how long a store lasts for what it promises"),
            **_ACTIVE,
        },
        "storage_rules": {
            "unit": A("", "", "storage unit"),
            "cycles_per_day": A(24.0, "per day", "most full discharges"),
            "charge_hours": A("", "", "hours it may charge in"),
            "discharge_hours": A("", "", "hours it may discharge in"),
            "charge_fee": A(0.0, "currency/MWh", "paid for what is taken"),
            "discharge_payment": A(0.0, "currency/MWh", "earned for what is given"),
            "capacity_rent": A(0.0, "currency/kW/a", "earned for capacity"),
            "spot_price": A(0.0, "currency/MWh", "price of its own account", varying=True),
            **_ACTIVE,
        },
        "budgets": {
            "type": A("", "", "co2, coal, energy, intensity or renewable_share"),
            "limit": A(inf, "by type", "limit of the year"),
            "other": A(0.0, "by type", "used outside the model"),
            "gdp": A(0.0, "10⁴ CNY", "gross product, for intensity"),
            "power_factor": A(0.1229, "tce/MWh", "of power bought and sold"),
            **_ACTIVE,
        },
    }
