"""Lights never depend on colour alone, and every promise has one."""

from __future__ import annotations

from bihuan.show.lights import LIGHTS, light
from bihuan.store import ledger


def test_each_verdict_has_its_own_shape() -> None:
    assert len({one.shape for one in LIGHTS.values()}) == len(LIGHTS)
    assert {one.name for one in LIGHTS.values()} == {"green", "yellow", "red", "grey"}


def test_every_light_of_the_store_is_shown() -> None:
    assert set(LIGHTS) == set(ledger.LIGHTS)


def test_what_nobody_reported_on_is_grey() -> None:
    assert light(None).name == light("unknown").name == "grey"
