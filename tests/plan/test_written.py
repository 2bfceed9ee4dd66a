"""What is written is what PyPSA reads: the same network, the same objective, the same results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.plan.conftest import Peer
from tests.plan.networks import MIXED, NETWORKS, optimum, pypsa, quiet

from bihuan.plan import from_pypsa, read_network, solve
from bihuan.plan.netcdf import write_netcdf
from bihuan.plan.written import write_parquet, write_pypsa_folder

SOME = ("co2_cap", "phase_shifters", "links_of_three_outputs", "delayed_links", "commitment", "period_budgets",
        "store_kinds")  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_in_memory_is_read_as_its_folder(name: str, peer: Callable[[str], Peer]) -> None:
    theirs, ours = peer(name).plan, peer(name).plan_in_memory
    assert ours.objective == pytest.approx(theirs.objective, rel=1e-4 if name in MIXED else 1e-9)


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("form", ["folder", "netcdf"])
def test_pypsa_reads_what_is_written(name: str, form: str, peer: Callable[[str], Peer], tmp_path: Path) -> None:
    plan, path = peer(name).plan_in_memory, tmp_path / ("plan.nc" if form == "netcdf" else "plan")
    (write_netcdf if form == "netcdf" else write_pypsa_folder)(plan, path)
    with quiet():
        theirs = pypsa.Network(path)
    assert theirs.objective == pytest.approx(plan.objective)
    for (kind, attribute), table in plan.series.items():
        read = theirs.c[kind].dynamic[attribute]
        np.testing.assert_allclose(read[list(table.names)].to_numpy(dtype=float), table.values, atol=1e-9)
    for (kind, attribute), values in plan.static.items():
        read = theirs.c[kind].static[attribute]
        assert read[list(values)].to_dict() == pytest.approx(values, abs=1e-9)
    again = solve(read_network(path))
    assert again.objective == pytest.approx(plan.objective, rel=1e-4 if name in MIXED else 1e-9)


def test_pypsas_accounts_of_what_is_written_give_the_objective(peer: Callable[[str], Peer], tmp_path: Path) -> None:
    """PyPSA's own statistics of our plan: operation and capital together are the objective."""
    plan = peer("store_kinds").plan_in_memory
    write_pypsa_folder(plan, tmp_path / "plan")
    with quiet():
        theirs = pypsa.Network(tmp_path / "plan")
        cost = theirs.statistics.opex().sum() + theirs.statistics.expanded_capex().sum()
    assert cost == pytest.approx(plan.objective, rel=1e-6)


def test_pypsa_solves_what_is_written(peer: Callable[[str], Peer], tmp_path: Path) -> None:
    plan = peer("meshed_expansion").plan_in_memory
    write_pypsa_folder(plan, tmp_path / "plan")
    with quiet():
        theirs = pypsa.Network(tmp_path / "plan")
    assert optimum(theirs).objective == pytest.approx(plan.objective, rel=1e-6)


def test_pypsas_netcdf_is_read(peer: Callable[[str], Peer], tmp_path: Path) -> None:
    for name in ("period_storage", "line_types"):
        reference = NETWORKS[name]()
        with quiet():
            reference.export_to_netcdf(tmp_path / f"{name}.nc")
        ours = solve(read_network(tmp_path / f"{name}.nc"))
        assert ours.objective == pytest.approx(peer(name).plan_in_memory.objective, rel=1e-9)


def test_parquet(peer: Callable[[str], Peer], tmp_path: Path) -> None:
    plan = peer("expansion").plan_in_memory
    write_parquet(plan, tmp_path)
    p = pl.read_parquet(tmp_path / "generators-p.parquet")
    np.testing.assert_allclose(p.drop("snapshot").to_numpy(), plan.frame("generators", "p").to_numpy())
    size = pl.read_parquet(tmp_path / "generators-p_nom_opt.parquet")
    assert dict(size.iter_rows()) == plan.capacities("generators")


def test_frames_and_datasets(peer: Callable[[str], Peer]) -> None:
    plan = peer("expansion").plan_in_memory
    frame = plan.frame("storage_units", "state_of_charge")
    assert list(frame.columns) == ["battery"]
    dataset = plan.dataset()
    np.testing.assert_allclose(dataset["storage_units_state_of_charge"].to_numpy(), frame.to_numpy())
    with pytest.raises(KeyError):
        plan.frame("generators", "colour")


def test_scenarios_are_refused(tmp_path: Path) -> None:
    from bihuan.core.errors import InputError

    reference = NETWORKS["expansion"]()
    with quiet():
        reference.set_scenarios({"wet": 0.5, "dry": 0.5})
        reference.export_to_netcdf(tmp_path / "scenarios.nc")
    with pytest.raises(InputError, match="scenarios"):
        from_pypsa(reference)
    with pytest.raises(InputError, match="scenarios"):
        read_network(tmp_path / "scenarios.nc")


def test_periods_are_known_from_the_snapshots_alone(tmp_path: Path) -> None:
    reference = NETWORKS["periods"]()
    reference.investment_period_weightings.loc[:, :] = 1.0
    with quiet():
        reference.export_to_csv_folder(tmp_path / "periods")
    expected = solve(read_network(tmp_path / "periods")).objective
    (tmp_path / "periods" / "investment_periods.csv").unlink()
    assert solve(read_network(tmp_path / "periods")).objective == pytest.approx(expected)
