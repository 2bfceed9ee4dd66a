"""The same optimum as PyPSA on small networks that between them use every feature, read from its CSV folders."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from tests.plan.conftest import Peer
from tests.plan.networks import MIXED, NETWORKS, optimum, pypsa

from bihuan.plan import Settings, solve

FIXED_BY_COST = ("varying_efficiency_and_cost", "meshed_grid", "ramps", "operational_limit", "transformers")
"""Networks whose dispatch and prices are unique, so that both must be the same."""


@pytest.mark.parametrize("name", NETWORKS)
def test_same_objective(name: str, peer: Callable[[str], Peer]) -> None:
    pair = peer(name)
    assert pair.plan.status == "optimal"
    assert pair.plan.objective == pytest.approx(pair.reference.objective, rel=1e-4 if name in MIXED else 1e-6)


@pytest.mark.parametrize("name", FIXED_BY_COST)
def test_same_dispatch_and_prices(name: str, peer: Callable[[str], Peer]) -> None:
    pair = peer(name)
    for kind, attribute in (("generators", "p"), ("buses", "marginal_price"), ("lines", "p0"), ("transformers", "p1")):
        theirs = pair.reference.c[kind].dynamic[attribute]
        if theirs.size:
            ours = pair.plan.frame(kind, attribute)[list(theirs.columns)].to_numpy()
            np.testing.assert_allclose(ours, theirs.to_numpy(), atol=1e-5, err_msg=f"{kind} {attribute}")


@pytest.mark.parametrize("name", ["co2_cap", "meshed_expansion", "period_budgets", "technology_limit"])
def test_same_shadow_prices(name: str, peer: Callable[[str], Peer]) -> None:
    pair = peer(name)
    theirs = pair.reference.c.global_constraints.static["mu"].astype(float).to_dict()
    assert pair.plan.shadow_prices == pytest.approx(theirs, abs=1e-6, rel=1e-6)


def test_relaxed_commitment_is_pypsas(peer: Callable[[str], Peer]) -> None:
    for name in ("commitment", "commitment_ramps", "commitment_times"):
        network = peer(name).read
        ours = solve(network, settings=Settings(linearized_commitment=True))
        theirs = optimum(NETWORKS[name](), linearized_unit_commitment=True)
        assert ours.objective == pytest.approx(theirs.objective, rel=1e-6), name


def test_every_attribute_of_pypsa_is_known_or_has_no_say() -> None:
    """A new release of PyPSA that adds an attribute must be looked at."""
    from bihuan.plan.attributes import PYPSA

    reference = pypsa.Network()
    no_say = re.compile(
        r"(name|control|type|q_set|weight|terrain_factor|unit|location|x|y|v_mag_pu.*|generator|sub_network|color"
        r"|nice_name|b|g|v_ang_min|model|tap_side|b_pu|g_pu|carrier|length|branches|v_nom)$"
    )
    for kind, known in PYPSA.items():
        if kind in ("line_types", "transformer_types"):
            continue
        table = reference.c[kind].defaults
        inputs = [name for name in table.index if "Input" in str(table.loc[name, "status"])]
        unknown = [name for name in inputs if name not in known and not no_say.match(name)]
        assert unknown == [], kind


def test_defaults_are_pypsas() -> None:
    from bihuan.plan.attributes import PYPSA

    reference = pypsa.Network()
    for kind, known in PYPSA.items():
        if kind in ("line_types", "transformer_types"):
            continue
        theirs = reference.c[kind].defaults
        for name, attribute in known.items():
            if name not in theirs.index or isinstance(attribute.default, str):
                continue
            assert _same(attribute.default, theirs.loc[name, "default"]), f"{kind} {name}"
            assert attribute.varying == ("series" in str(theirs.loc[name, "type"])), f"{kind} {name}"


def _same(ours: object, theirs: object) -> bool:
    number = float(theirs)  # type: ignore[arg-type]
    return bool(number == ours or (np.isnan(number) and ours != ours))
