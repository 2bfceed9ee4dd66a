"""District heat: demand by outdoor temperature, duty and shortfall."""

from __future__ import annotations

import numpy as np
import pytest
from tests.plan.city.systems import solved

from bihuan.plan.city.heat import demand_mw, in_season

DAYS = ("2022-01-15 05:00", "2022-03-31 23:00", "2022-04-01 00:00", "2022-10-31 23:00", "2022-11-01 00:00")


def _demand(temperature: list[float]) -> np.ndarray:
    return demand_mw(
        DAYS,
        np.array(temperature),
        area_mm2=10,
        design_w_per_m2=50,
        indoor_c=18,
        design_outdoor_c=-8,
        season=("11-01", "03-31"),
        loss=0.2,
    )


def test_demand_is_linear_in_temperature_and_zero_outside_the_season() -> None:
    """10 Mm² · 50 W/m² = 500 MW at −8 °C, half of it at 5 °C, over 0.8 for the network's losses."""
    assert _demand([-8, 5, -8, -8, 5]) == pytest.approx([625, 312.5, 0, 0, 312.5])


def test_colder_than_the_design_day_asks_for_no_more_and_warmer_than_indoors_for_nothing() -> None:
    assert _demand([-30, 25, 0, 0, 18]) == pytest.approx([625, 0, 0, 0, 0])


def test_season_within_one_year() -> None:
    assert in_season(DAYS, "03-01", "03-31").tolist() == [False, True, False, False, False]


def test_duty_is_served_at_any_price_and_the_rest_only_where_it_pays() -> None:
    """Heat costs 100, the shortfall 60: only the duty, 90 of 100 MW, is served."""
    plan = solved(
        1,
        generators={"boiler": {"bus": "heat", "p_nom": 1000.0, "marginal_cost": 100.0}},
        heat_districts={"D": {"bus": "heat", "demand": 100.0, "obligation": 0.9, "shortfall_cost": 60.0}},
    )
    assert plan.series["heat_districts", "missing"].values[0, 0] == pytest.approx(10.0)
    assert plan.objective == pytest.approx(90 * 100 + 10 * 60)
