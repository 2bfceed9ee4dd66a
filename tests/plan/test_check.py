"""Every fault of a network, named: component, field, row, what was got and what was expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.plan.conftest import Peer
from tests.plan.networks import NETWORKS

from bihuan.core.errors import InputError
from bihuan.plan import FaultyNetwork, read_pypsa_folder, solve
from bihuan.plan.check import check

SOUND = {
    "snapshots": "snapshot,objective,stores,generators\n2030-01-01 00:00,1,1,1\n2030-01-01 01:00,1,1,1\n"
    "2030-01-01 02:00,1,1,1\n2030-01-01 03:00,1,1,1\n",
    "carriers": "name,co2_emissions\ngas,0.2\nwind,0\n",
    "buses": "name,carrier\ntown,AC\nhill,AC\n",
    "loads": "name,bus,p_set\ntown load,town,50\n",
    "loads-p_set": "snapshot,town load\n2030-01-01 00:00,40\n2030-01-01 01:00,60\n2030-01-01 02:00,70\n2030-01-01 03:00,30\n",
    "generators": "name,bus,carrier,p_nom,marginal_cost,p_nom_extendable,p_nom_max\ngas,town,gas,100,50,False,inf\n"
    "wind,hill,wind,60,0,True,200\n",
    "generators-p_max_pu": "snapshot,wind\n2030-01-01 00:00,0.5\n2030-01-01 01:00,0.4\n2030-01-01 02:00,0.9\n"
    "2030-01-01 03:00,0\n",
    "lines": "name,bus0,bus1,x,s_nom\nline,town,hill,0.1,80\n",
    "storage_units": "name,bus,p_nom,max_hours,efficiency_store\nbattery,town,10,2,0.9\n",
    "global_constraints": "name,type,carrier_attribute,sense,constant\nco2,primary_energy,co2_emissions,<=,1000\n",
}


def write(folder: Path, **changes: tuple[str, str] | str) -> Path:
    """Write the sound network, with one text replaced in some files, or a file of its own."""
    for name, text in SOUND.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    for key, change in changes.items():
        name = key.replace("__", "-")
        text = change if isinstance(change, str) else SOUND[name].replace(*change)
        assert text != SOUND.get(name), f"{name}: nothing was changed"
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(FaultyNetwork) as caught:
        solve(read_pypsa_folder(folder))
    return [str(fault) for fault in caught.value.faults]


def test_sound(tmp_path: Path) -> None:
    network = read_pypsa_folder(write(tmp_path))
    assert check(network) == []
    assert solve(network).status == "optimal"


FAULTY: dict[str, tuple[dict[str, tuple[str, str] | str], list[str]]] = {
    "unknown bus": (
        {"generators": ("gas,town", "gas,twon")},
        ["generators, 'gas', bus: got 'twon'; expected the name of a bus ('town', 'hill')"],
    ),
    "bus in other case": (
        {"loads": ("load,town", "load,Town")},
        ["loads, 'town load', bus: got 'Town'; expected the name of a bus ('town')"],
    ),
    "missing hour": (
        {"loads__p_set": ("2030-01-01 02:00,70\n", "")},
        ["loads, p_set at 2030-01-01 02:00: got 3 rows; expected 4, one for each snapshot"],
    ),
    "empty cell": (
        {"loads__p_set": ("02:00,70", "02:00,")},
        ["loads, 'town load', p_set at 2030-01-01 02:00: got no number (empty or NaN); "
         "expected a number in every snapshot"],
    ),
    "no number in a series": (
        {"generators__p_max_pu": ("0.9", "much")},
        ["generators, 'wind', p_max_pu at 2030-01-01 02:00: got 'much'; expected a number"],
    ),
    "no number in a table": (
        {"generators": ("100,50", "100 MW,50")},
        ["generators, 'gas', p_nom at line 2: got '100 MW'; expected a number [MW]"],
    ),
    "no flag": (
        {"generators": ("False", "perhaps")},
        ["generators, 'gas', p_nom_extendable at line 2: got 'perhaps'; expected true or false"],
    ),
    "negative capacity": (
        {"generators": ("gas,100,50", "gas,-100,50")},
        ["generators, 'gas', p_nom: got -100; expected a capacity of 0 or more"],
    ),
    "load in kW": (
        {"loads__p_set": ("02:00,70", "02:00,70000")},
        ["loads, 'town load', p_set at 2030-01-01 02:00: got a peak of 70000 MW; expected about what all supply "
         "together can give, 310 MW: a factor of 1000 suspected (kW for MW?)"],
    ),
    "island": (
        {"lines": "name,bus0,bus1,x,s_nom\nline,hill,hill,0.1,80\n", "generators": ("gas,town", "gas,hill"),
         "storage_units": ("battery,town", "battery,hill")},
        ["buses, 'town' at 2030-01-01 00:00: got a load of 40 MW in an island of 1 bus; "
         "expected a generator, store or link that feeds it"],
    ),
    "island behind a line of 0 MW": (
        {"lines": ("0.1,80", "0.1,0"), "generators": ("gas,town", "gas,hill"),
         "storage_units": ("battery,town", "battery,hill")},
        ["buses, 'town' at 2030-01-01 00:00: got a load of 40 MW in an island of 1 bus behind 'line' of 0 MW; "
         "expected a generator, store or link that feeds it"],
    ),
    "empty file": (
        {"loads": "", "generators": ("gas,100,50", "gas,-100,50")},
        ["loads at loads.csv: got an empty file; expected a table in CSV (UTF-8) with a header line",
         "generators, 'gas', p_nom: got -100; expected a capacity of 0 or more"],
    ),
    "empty file of a series": (
        {"generators__p_max_pu": "", "loads": ("load,town", "load,twon")},
        ["generators, p_max_pu at generators-p_max_pu.csv: got an empty file; expected a table in CSV (UTF-8) with a "
         "header line",
         "loads, 'town load', bus: got 'twon'; expected the name of a bus ('town', 'hill')"],
    ),
    "no bus": (
        {"buses": "name,carrier\n", "storage_units": ("2,0.9", "2,1.2")},
        ["buses: got no bus; expected at least one",
         "storage_units, 'battery', efficiency_store: got 1.2; expected above 0 and at most 1"],
    ),
    "no snapshot": (
        {"snapshots": "snapshot,objective\n", "storage_units": ("2,0.9", "2,1.2")},
        ["snapshots: got no snapshot; expected at least one",
         "storage_units, 'battery', efficiency_store: got 1.2; expected above 0 and at most 1"],
    ),
    "empty snapshots": (
        {"snapshots": "", "storage_units": ("2,0.9", "2,1.2")},
        ["snapshots at snapshots.csv: got an empty file; expected a table in CSV (UTF-8) with a header line",
         "storage_units, 'battery', efficiency_store: got 1.2; expected above 0 and at most 1"],
    ),
    "period that is no year": (
        {"investment_periods": "period,objective,years\nsoon,1,x\n", "loads": ("load,town", "load,twon")},
        ["investment_periods, period at line 2: got 'soon'; expected a number",
         "investment_periods, years at line 2: got 'x'; expected a number",
         "loads, 'town load', bus: got 'twon'; expected the name of a bus ('town', 'hill')"],
    ),
    "storage that makes energy": (
        {"storage_units": ("2,0.9", "2,1.2")},
        ["storage_units, 'battery', efficiency_store: got 1.2; expected above 0 and at most 1"],
    ),
    "generator of more than it burns": (
        {"generators": "name,bus,carrier,p_nom,efficiency\ngas,town,gas,100,38\n"
         "wind,hill,wind,60,1\n"},
        ["generators, 'gas', efficiency: got 38; expected above 0 and at most 1"],
    ),
    "cyclic storage too small": (
        {"generators": "name,bus,carrier,p_nom\nwind,hill,wind,60\n",
         "storage_units": "name,bus,p_nom,max_hours,cyclic_state_of_charge\nbattery,town,10,2,True\n"},
        ["storage_units, 'battery', max_hours at 2030-01-01 00:00: got storage of 20 MWh in its island; expected at "
         "least 92 MWh: so much more than generators can give is drawn from then on"],
    ),
    "bounds that cross": (
        {"generators": "name,bus,carrier,p_nom,p_min_pu\ngas,town,gas,100,0\nwind,hill,wind,60,0.45\n"},
        ["generators, 'wind', p_min_pu at 2030-01-01 01:00: got 0.45; expected at most p_max_pu = 0.4"],
    ),
    "twice the same name": (
        {"loads": "name,bus,p_set\ntown load,town,50\ntown load,hill,1\n"},
        ["loads, 'town load', name: got the same name twice; expected a name of its own"],
    ),
    "the same hour twice": (
        {"snapshots": ("03:00", "02:00")},
        ["snapshots, snapshot at 2030-01-01 02:00: got the same snapshot 2 times; expected each snapshot once"],
    ),
    "unknown sense": (
        {"global_constraints": ("<=", "<")},
        ["global_constraints, 'co2', sense: got '<'; expected <=, == or >="],
    ),
    "unknown constraint": (
        {"global_constraints": ("primary_energy", "primary")},
        ["global_constraints, 'co2', type: got 'primary'; expected one of primary_energy, operational_limit, "
         "transmission_volume_expansion_limit, transmission_expansion_cost_limit, tech_capacity_expansion_limit"],
    ),
    "unknown emissions": (
        {"global_constraints": ("co2_emissions", "nox")},
        ["global_constraints, 'co2', carrier_attribute: got 'nox'; expected a column of carriers"],
    ),
    "unknown line type": (
        {"lines": "name,bus0,bus1,type,length,s_nom\nline,town,hill,copper,10,80\n"},
        ["lines, 'line', type: got 'copper'; expected a standard type that is known, or none and r and x instead"],
    ),
    "capacity by snapshot": (
        {"generators__p_nom": "snapshot,gas\n0,1\n1,1\n2,1\n3,1\n"},
        ["generators, p_nom at generators-p_nom.csv: got values by snapshot; expected one value for each component"],
    ),
    "piecewise cost": (
        {"generators__marginal_cost-pw": "breakpoint,gas,gas\n0,1,2\n"},
        ["generators, marginal_cost at generators-marginal_cost-pw.csv: got a piecewise curve; expected one value, or "
         "one for each snapshot: piecewise curves are not modelled"],
    ),
    "maintenance": (
        {"generators": "name,bus,carrier,p_nom,maintainable\ngas,town,gas,100,True\nwind,hill,wind,60,False\n"},
        ["generators, 'gas', maintainable: got true; expected false: outages are not planned yet"],
    ),
    "overnight cost without a rate": (
        {"generators": "name,bus,carrier,p_nom,overnight_cost\ngas,town,gas,100,1000\nwind,hill,wind,60,\n"},
        ["generators, 'gas', discount_rate: got none; expected a rate beside overnight_cost"],
    ),
    "hours below zero": (
        {"snapshots": ("00:00,1,1,1", "00:00,-1,1,1")},
        ["snapshots, objective at 2030-01-01 00:00: got -1.0; expected a number of hours, 0 or more"],
    ),
    "hours of storage below zero": (
        {"storage_units": ("10,2,", "10,-2,")},
        ["storage_units, 'battery', max_hours: got -2; expected 0 or more"],
    ),
    "times and ramps below zero": (
        {"generators": "name,bus,carrier,p_nom,min_up_time,ramp_limit_up\ngas,town,gas,100,-2,-0.1\n"
         "wind,hill,wind,60,0,\n"},
        ["generators, 'gas', min_up_time: got -2; expected 0 or more",
         "generators, 'gas', ramp_limit_up: got -0.1; expected 0 or more"],
    ),
    "the same column twice": (
        {"loads": "name,bus,p_set,p_set\ntown load,town,50,60\n"},
        ["loads, p_set at line 1: got the same column twice; expected each column once"],
    ),
    "a row without a name and one too long": (
        {"loads": "name,bus,p_set\ntown load,town,50,7\n,hill,1\n"},
        ["loads, 'town load' at line 2: got 4 cells; expected 3, as in the header",
         "loads, name at line 3: got no name; expected a name of its own"],
    ),
    "concave cost": (
        {"generators": "name,bus,carrier,p_nom,marginal_cost_quadratic\ngas,town,gas,100,-1\nwind,hill,wind,60,0\n"},
        ["generators, 'gas', marginal_cost_quadratic: got -1; expected 0 or more (convex)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTY)
def test_fault_is_named(case: str, tmp_path: Path) -> None:
    changes, expected = FAULTY[case]
    assert faults_of(write(tmp_path, **changes)) == expected


def test_all_faults_in_one_report(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        generators=("gas,100,50", "gas,-100,fifty"),
        loads=("load,town", "load,nowhere"),
        loads__p_set=("02:00,70", "02:00,"),
        storage_units=("2,0.9", "2,1.2"),
    )
    told = "\n".join(faults_of(folder))
    assert all(part in told for part in ("fifty", "-100", "nowhere", "NaN", "1.2"))
    assert len(told.splitlines()) == 5


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    folder = write(tmp_path, loads=("load,town", "load,twon"))
    (folder / "generators.csv").write_bytes(b"name,bus\n\xff\xfe,town\n")
    told = faults_of(folder)
    assert told[0].startswith("generators at generators.csv: got 'utf-8' codec can't decode")
    assert told[1:] == ["loads, 'town load', bus: got 'twon'; expected the name of a bus ('town', 'hill')"]


def test_a_load_that_feeds_is_a_supply(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        buses="name,carrier\ntown,AC\nhill,AC\nfarm,AC\nmill,AC\n",
        lines="name,bus0,bus1,x,s_nom\nline,town,hill,0.1,80\nwire,farm,mill,0.1,80\n",
        loads="name,bus,p_set\ntown load,town,50\nturbine,farm,-5\ngrist,mill,5\n",
    )
    assert solve(read_pypsa_folder(folder)).status == "optimal"


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"buses\.csv is missing"):
        read_pypsa_folder(tmp_path)


WARNED: dict[str, tuple[dict[str, tuple[str, str] | str], str]] = {
    "one capacity in kW": (
        {"generators": "name,bus,carrier,p_nom\na,town,gas,30\nb,town,gas,25\nc,town,gas,35\nd,town,gas,31000\n"
         "wind,hill,wind,60\n"},
        "generators, 'd', p_nom: got 31000; expected about the usual 32.5 of its like: a factor of 1000 suspected "
        "(kW for MW?)",
    ),
    "one plant in kW, the only one of its kind": (
        {"generators": "name,bus,carrier,p_nom,marginal_cost\ngas,town,gas,100000,50\nwind,hill,wind,60,0\n"
         "last,town,,1000000,9000\n"},
        "generators, 'gas', p_nom: got 100000; expected at most about 70, the largest other or the peak load: a factor "
        "of 1000 suspected (kW for MW?)",
    ),
    "storage in kW": (
        {"storage_units": ("10,2,", "10000,2,")},
        "storage_units, 'battery', p_nom: got 10000; expected at most about 100, the largest other or the peak load: a "
        "factor of 1000 suspected (kW for MW?)",
    ),
    "percent for per unit": (
        {"generators__p_max_pu": ("0.9", "90")},
        "generators, 'wind', p_max_pu at 2030-01-01 02:00: got 90; expected per unit of p_nom, usually 0 to 1 "
        "(percent or MW given?)",
    ),
    "link that gains": (
        {"links": "name,bus0,bus1,p_nom,efficiency\ncable,hill,town,10,1.1\n"},
        "links, 'cable', efficiency: got 1.1; expected at most 1 between two buses of carrier 'AC'",
    ),
    "carrier without a row": (
        {"carriers": "name,co2_emissions\nwind,0\n"},
        "carriers, 'gas': got a carrier of generators without a row; expected a row there: without one its emissions "
        "count as 0",
    ),
    "series of no component": (
        {"loads__p_set": ("town load", "towm load")},
        "loads, 'towm load', p_set at loads-p_set.csv: got values of no component; expected the name of a component "
        "('town load'): it counts for nothing",
    ),
    "hours in another order": (
        {"loads__p_set": ("2030-01-01 00:00,40\n2030-01-01 01:00,60", "2030-01-01 01:00,60\n2030-01-01 00:00,40")},
        "loads, p_set at line 2: got 2030-01-01 01:00; expected 2030-01-01 00:00, as in snapshots.csv: rows count by "
        "their place",
    ),
    "misspelt attribute": (
        {"generators": ("marginal_cost", "marginal_costs")},
        "generators, marginal_costs at line 1: got a column bihuan does not know; expected marginal_cost (misspelt?)",
    ),
    "row too short": (
        {"loads": "name,bus,p_set\ntown load,town\n"},
        "loads, 'town load' at line 2: got 2 cells; expected 3, as in the header",
    ),
    "store fuller than it is large": (
        {"storage_units": "name,bus,p_nom,max_hours,state_of_charge_initial\nbattery,town,10,2,25\n"},
        "storage_units, 'battery', state_of_charge_initial: got 25; expected at most the 20 MWh that it holds",
    ),
    "unknown file": (
        {"chimneys": "name,height\nold,80\n"},
        "chimneys at chimneys.csv: got a file bihuan does not know; expected a kind of component",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WARNED)
def test_warning_does_not_stop(case: str, tmp_path: Path) -> None:
    changes, expected = WARNED[case]
    network = read_pypsa_folder(write(tmp_path, **changes))
    assert [str(fault) for fault in check(network)] == [expected]
    assert solve(network).status == "optimal"


def test_no_network_that_pypsa_solves_is_refused(peer: Callable[[str], Peer]) -> None:
    told = {name: [str(fault) for fault in check(peer(name).network)] for name in NETWORKS}
    assert {name: faults for name, faults in told.items() if faults} == {}
