"""Lights never depend on colour alone, and every promise has one."""

from __future__ import annotations

from bihuan.show.lights import LIGHTS, count_lights, light


def test_each_light_has_its_own_shape() -> None:
    assert len({one.shape for one in LIGHTS.values()}) == len({one.name for one in LIGHTS.values()}) == 4


def test_what_nobody_reported_on_is_grey() -> None:
    assert light(None).name == light("unknown").name == "grey"


def test_every_promise_is_counted_once() -> None:
    assert count_lights(["met", None, "missed", "unknown", "met"]) == {"met": 2, "partly": 0, "missed": 1, "unknown": 2}
