"""The shipped energy folder: it reads, its scenarios solve in a short form, and it says where its figures come from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from bihuan.core.errors import InputError
from bihuan.plan import Plan
from bihuan.plan.pack import read_energy_pack
from bihuan.plan.pack.entry import Value
from bihuan.plan.pack.weeks import choose
from bihuan.plan.weather import hourly, read_climate
from bihuan.store.packs import SHIPPED

FOLDER = SHIPPED / "yangquan"


@pytest.fixture(name="pack", scope="module")
def _pack():
    return read_energy_pack(FOLDER)


def test_every_number_has_a_basis_and_a_source_that_exists(pack) -> None:
    values = [v for entry in pack.entries for v in entry.values.values() if isinstance(v, Value)]
    assert len(values) > 100
    assert {value.basis for value in values} == {"stated", "computed", "assumed"}
    assert all(value.source in pack.sources for value in values)
    assert pack.synthetic


def test_capacities_are_those_of_the_balance(pack) -> None:
    """4,785 MW of coal; 2,168 MW of the rest, since wind counts 650 of 700 MW over the year."""
    assert sum(entry.values["p_nom"].number for entry in pack.of("thermal_units")) == pytest.approx(4785)
    assert sum(entry.values["p_nom"].number for entry in pack.of("generators")) == pytest.approx(2218 - 50)


def test_a_week_of_the_base_case_sends_what_its_contracts_ask_for_in_a_year(shipped: Callable[[str], Plan]) -> None:
    plan = shipped("base")
    assert plan.status == "optimal"
    sent = plan.series["export_contracts", "p"].values.sum(axis=0) * 8760 / 168
    assert sent == pytest.approx([9.35e6, 6.40e6], rel=1e-6)


@pytest.mark.parametrize("scenario", ["2025", "2030", "2030-cap80", "source-grid-load-storage", "spot"])
def test_every_scenario_solves_for_a_week(scenario: str, shipped: Callable[[str], Plan]) -> None:
    assert shipped(scenario).status == "optimal"


@pytest.mark.filterwarnings("ignore:DatetimeIndex.dayofyear")  # pvlib 0.16 under pandas 3.1
def test_the_series_are_those_of_their_seed(pack) -> None:
    again = hourly(read_climate(FOLDER / "energy" / "climate.yaml"), seed=2022)
    assert set(again) == set(pack.series)
    for name, values in again.items():
        assert values == pytest.approx(pack.series[name], abs=2e-4 if name != "spot_price" else 0.02), name
    other = hourly(read_climate(FOLDER / "energy" / "climate.yaml"), seed=1)
    assert not np.allclose(other["pv"], again["pv"])


def test_the_sun_is_down_at_night_and_the_year_is_whole(pack) -> None:
    assert len(pack.snapshots) == 8760
    night = [at for at, label in enumerate(pack.snapshots) if label[11:13] in ("22", "23", "00", "01", "02", "03")]
    assert pack.series["pv"][night].max() == 0.0
    assert all(np.isfinite(values).all() for values in pack.series.values())


def test_weeks_stand_for_the_year(pack) -> None:
    choice = choose(pack.series, 8760, 672)
    assert choice.hours.size == 672
    assert choice.weight * 672 == pytest.approx(8760)
    assert np.all(np.diff(choice.hours) > 0)
    assert abs(choice.off["load"]) < 0.05
    with pytest.raises(InputError, match="whole weeks"):
        choose(pack.series, 8760, 100)
