"""Whose turn it is follows from who may do what in a step."""

import pytest
from tests.act.conftest import CHIEF, CITIZEN, CLERK, HOTLINE

from bihuan.act.engine import Engine
from bihuan.act.turns import next_actions, side_of, turns


@pytest.mark.parametrize(
    ("type_", "step", "side"),
    [
        ("13710", "assigned", "lead"),
        ("13710", "doing", "lead"),  # the office may assign it anew, but the work is the leading unit's
        ("13710", "applied", "office"),
        ("13710", "reviewed", "office"),
        ("13710", "closed", None),
        ("hotline", "received", "office"),
        ("hotline", "dispatched", "lead"),
        ("hotline", "claimed", "office"),
        ("benefit", "matched", "office"),
    ],
)
def test_a_step_waits_for_one_side(engine: Engine, type_: str, step: str, side: str | None) -> None:
    assert side_of(engine.types[type_], step) == side


def test_every_step_that_does_not_end_a_case_waits_for_somebody(engine: Engine) -> None:
    for spec in engine.types.values():
        for name, step in spec.steps.items():
            assert (side_of(spec, name) is None) == step.end, (spec.type, name)


def test_what_to_do_next_takes_a_case_on(engine: Engine) -> None:
    names = [action.name for action in next_actions(engine.types["13710"], "applied", "office")]
    assert names == ["退回", "核验评级"]
    assert next_actions(engine.types["13710"], "applied", "lead") == []


def test_turns_are_of_types_in_which_the_account_may_act(engine: Engine) -> None:
    types = engine.types.values()
    assert ("13710", "doing") in turns(types, "lead", CLERK)
    assert turns(types, "office", CLERK) == ()
    assert ("13710", "applied") in turns(types, "office", CHIEF)
    assert {name for name, _ in turns(types, "office", HOTLINE)} == {"hotline", "event"}
    assert turns(types, "lead", CITIZEN) == ()
