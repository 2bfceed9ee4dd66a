"""The pack format: what is wrong is told with file, line, component and field, all in one report."""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.core.errors import InputError, PackError
from bihuan.plan import solve
from bihuan.plan.folder import read_network
from bihuan.plan.pack import read_energy_pack

HEAD = """\
format: bihuan-energy-1
name: 小城
english: Small town
year: 2022
discount_rate: {value: 0.06, basis: stated, source: s}
"""
COMPONENTS = """\
buses:
  - name: town
  - {name: pipes, carrier: heat}
fuels:
  - {name: coal, basis: stated, source: s, price: 600, co2: 2.8}
thermal_units:
  - name: plant
    basis: assumed
    source: s
    bus: town
    heat_bus: pipes
    fuel: coal
    type: extraction
    p_nom: {value: 100, unit: MW}
    coal_rate: 300
    c_v: 0.15
    c_b: 0.8
    q_nom: 60
loads:
  - name: homes
    bus: town
    p_set: {series: load, times: 40, unit: MW, basis: assumed, source: s}
heat_districts:
  - name: north
    basis: assumed
    source: s
    bus: pipes
    area: 0.5
    design_load: 50
    design_outdoor: -8
    temperature: {series: temperature}
"""
SERIES = "snapshot,load,temperature\n2022-01-01 00:00,1.0,-8\n2022-01-01 01:00,1.2,18\n"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "components").mkdir()
    (tmp_path / "series").mkdir()
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "energy.yaml").write_text(HEAD, encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("s: {title: a source, where: here}\n", encoding="utf-8")
    (tmp_path / "components" / "all.yaml").write_text(COMPONENTS, encoding="utf-8")
    (tmp_path / "series" / "hours.csv").write_text(SERIES, encoding="utf-8")
    return tmp_path


def test_a_small_town_is_solved_to_its_known_optimum(folder: Path) -> None:
    """First hour: 25 MW of heat at −8 °C, so fuel for 40 + 0.15 · 25 MW; second hour warm: fuel for 48 MW."""
    plan = solve(read_network(folder))
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx((40 + 3.75 + 48) * 0.3 * 600)


def _break(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("bus: town\n    heat", "bus: village\n    heat", "all.yaml:7: thermal_units plant.bus: no buses 'village'"),
        (
            "value: 100, unit: MW",
            "value: 100000, unit: MW",
            "thermal_units plant.p_nom: 100000 MW; expected 0 to 20000: a factor of 1000 is suspected, 100 MW would fit",
        ),
        (
            "value: 100, unit: MW",
            "value: 100, unit: MWh",
            "all.yaml:14: thermal_units plant.p_nom: unit 'MWh'; expected MW or kW",
        ),
        ("value: 100, unit: MW", "value: -5, unit: MW", "thermal_units plant.p_nom: -5 MW; expected 0 to 20000"),
        ("value: 100, unit: MW", "value: .nan", "thermal_units plant.p_nom: '.nan'; a number was expected"),
        ("value: 100, unit: MW", "value: nan", "thermal_units plant.p_nom: is not a number (NaN)"),
        ("coal_rate: 300", "coal_rate: 30", "thermal_units plant.coal_rate: 30 gce/kWh; expected 100 to 700"),
        ("    coal_rate: 300\n", "", "thermal_units plant.coal_rate: is missing"),
        ("q_nom: 60", "q_nominal: 60", "thermal_units plant.q_nominal: is no field here"),
        ("type: extraction", "type: steam", "thermal_units plant.type: 'steam' is none of condensing"),
        (
            "basis: assumed\n    source: s\n    bus: town",
            "basis: guessed\n    source: s\n    bus: town",
            "thermal_units plant.p_nom: basis 'guessed'",
        ),
        (
            "price: 600",
            "price: {value: 600, source: elsewhere}",
            "fuels coal.price: source 'elsewhere' does not stand in sources.yaml",
        ),
        (
            "series: load",
            "series: lood",
            "loads homes.p_set: no series 'lood' under series/; there are load, temperature",
        ),
        ("coal_rate: 300", "coal_rate: {series: load}", "thermal_units plant.coal_rate: a series cannot stand here"),
        (
            "  - {name: pipes",
            "  - {name: town, carrier: heat}\n  - {name: pipes",
            "buses town: stands already in components/all.yaml, line 2",
        ),
        ("loads:", "lords:", "lords: is no kind of component"),
        ("  - name: homes\n", "  - english: homes\n", "loads: a component without a name"),
    ],
)
def test_a_fault_of_a_component_is_named(folder: Path, old: str, new: str, told: str) -> None:
    _break(folder / "components" / "all.yaml", old, new)
    with pytest.raises(PackError) as error:
        read_energy_pack(folder)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("series", "told"),
    [
        ("snapshot,load,temperature\n", "hours.csv: has no snapshot"),
        (
            "snapshot,load,temperature\n2022-01-01 00:00,1,1\n2022-01-01 02:00,1,1\n",
            "hours.csv:3: snapshot: 2022-01-01 02:00:00 follows 2022-01-01 00:00:00; 2022-01-01 01:00:00 was expected",
        ),
        (
            "snapshot,load,temperature\n2022-01-01 00:00,,1\n2022-01-01 01:00,1,1\n",
            "hours.csv:2: load: 1 values missing or no number, the first at 2022-01-01 00:00",
        ),
        ("snapshot,load,temperature\nnoon,1,1\n", "YYYY-MM-DD HH:MM was expected"),
    ],
)
def test_a_fault_of_a_series_is_named(folder: Path, series: str, told: str) -> None:
    (folder / "series" / "hours.csv").write_text(series, encoding="utf-8")
    with pytest.raises(PackError) as error:
        read_energy_pack(folder)
    assert told in str(error.value)


def test_all_faults_stand_in_one_report(folder: Path) -> None:
    _break(folder / "components" / "all.yaml", "coal_rate: 300", "coal_rate: many")
    _break(folder / "components" / "all.yaml", "bus: pipes\n    area: 0.5", "bus: drains\n    area: -0.5")
    _break(folder / "energy.yaml", "bihuan-energy-1", "bihuan-energy-0")
    with pytest.raises(PackError) as error:
        read_energy_pack(folder)
    report = str(error.value)
    assert "4 faults" in report
    for told in ("'many'; a number", "no buses 'drains'", "-0.5 Mm2; expected 0", "'bihuan-energy-0'"):
        assert told in report


def test_kilowatts_are_read_as_kilowatts(folder: Path) -> None:
    _break(folder / "components" / "all.yaml", "value: 100, unit: MW", "value: 100000, unit: kW")
    assert read_network(folder)["thermal_units"].numbers("p_nom")[0] == pytest.approx(100)


def test_scenarios_change_add_remove_and_build_on_each_other(folder: Path) -> None:
    about = "name: n\nenglish: e\nyear: 2030\n"
    (folder / "scenarios" / "dear.yaml").write_text(
        about + "change:\n  fuels:\n    - {name: coal, price: {value: 900, basis: assumed, source: s}}\n",
        encoding="utf-8",
    )
    (folder / "scenarios" / "warm.yaml").write_text(
        about + "extends: dear\nremove:\n  heat_districts: [north]\n", encoding="utf-8"
    )
    assert solve(read_network(folder, "dear")).objective == pytest.approx((40 + 3.75 + 48) * 0.3 * 900)
    assert solve(read_network(folder, "warm")).objective == pytest.approx((40 + 48) * 0.3 * 900)
    with pytest.raises(InputError, match="there are base, dear, warm"):
        read_network(folder, "cold")


def test_a_scenario_cannot_change_what_does_not_exist(folder: Path) -> None:
    text = "name: n\nenglish: e\nyear: 2030\nremove:\n  loads: [mines]\n"
    (folder / "scenarios" / "odd.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match="loads mines: does not exist"):
        read_energy_pack(folder)


def test_new_capacity_is_a_component_of_its_own(folder: Path) -> None:
    extra = "generators:\n  - {name: wind, bus: town, basis: assumed, source: s, p_nom: 10, p_nom_max: 50}\n"
    _break(folder / "components" / "all.yaml", "loads:", extra + "loads:")
    with pytest.raises(PackError, match=r"wind.p_nom_max: goes with p_nom 0"):
        read_energy_pack(folder)
