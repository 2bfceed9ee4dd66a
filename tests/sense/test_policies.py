"""政策找企业: by columns as one by one; told once when a right begins, again when it comes back."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sense.devices import NOW

from bihuan.core.errors import PackError
from bihuan.core.records.entity import Entity
from bihuan.core.records.policy import Condition, Policy
from bihuan.sense.policies import is_eligible, match_all, match_changed, matching
from bihuan.store import entities, signals
from bihuan.store.connect import Store
from bihuan.store.packs import load_pack
from bihuan.store.policies import Enterprise, load_policies

values: st.SearchStrategy[Any] = st.sampled_from(
    [None, 0, 5, 5.0, 10.5, True, False, "甲", "yes", "no", "5", {"type": "Property", "value": 7}, float("nan")]
)
conditions = st.builds(
    Condition,
    st.sampled_from("abc"),
    st.sampled_from([">=", "<=", ">", "<"]),
    st.sampled_from([(5.0,), (7.0,), (0.0,)]),
) | st.builds(
    Condition,
    st.sampled_from("abc"),
    st.sampled_from(["==", "!=", "in", "not in"]),
    st.sampled_from([(5.0,), ("yes",), ("甲", "no"), (5.0, 7.0), ("甲", 5.0)]),
)
facts = st.dictionaries(st.sampled_from("abc"), values)


def policy(*holds: Condition, name: str = "p") -> Policy:
    return Policy(name, "某政策", holds, "减免", "按额计", "finance", "某文")


@given(st.lists(facts, max_size=5), st.lists(conditions, max_size=3))
def test_all_at_once_gives_the_same_as_one_by_one(everybody: list[dict[str, Any]], holds: list[Condition]) -> None:
    enterprises = [Enterprise(n, f"urn:{n}", str(n), known) for n, known in enumerate(everybody)]
    wanted = policy(*holds)
    one_by_one = {("p", one.number) for one in enterprises if is_eligible(one.facts, wanted)}
    assert matching(enterprises, [wanted]) == one_by_one


def enterprise(number: int, **attributes: Any) -> Entity:
    return Entity(
        f"urn:ngsi-ld:Enterprise:{number}", "Enterprise", f"第{number}厂", district="郊区", attributes=attributes
    )


def test_a_right_is_told_when_it_begins_and_again_when_it_comes_back(store: Store) -> None:
    wanted = [policy(Condition("employees", "<=", (300.0,)), Condition("district", "==", ("郊区",)))]
    with store.connection() as connection:
        numbers = entities.keep(
            connection, [enterprise(1, employees=20, uscc="X"), enterprise(2, employees=900)], at=NOW
        )
    first = numbers["urn:ngsi-ld:Enterprise:1"]
    assert match_all(store, wanted) == match_all_result(1, 1, 0)
    assert match_all(store, wanted) == match_all_result(1, 0, 0)
    for employees, expected in ((999, (0, 0, 1)), (10, (1, 1, 0))):
        with store.connection() as connection:
            entities.keep(connection, [enterprise(1, employees=employees)], at=NOW)
        later = replace(store, clock=lambda: NOW + timedelta(days=1))
        assert match_changed(later, wanted, [first]) == match_all_result(*expected)
    with store.connection() as connection:
        told = [one.signal for one in signals.latest(connection)]
    assert [one.kind for one in told] == ["benefit.match"] * 2
    assert told[-1].values["enterprise"] == "第1厂"
    assert (told[-1].values["uscc"], told[-1].text) == ("X", "第1厂符合“某政策”：减免")


def match_all_result(matches: int, new: int, gone: int) -> Any:
    from bihuan.sense.policies import Matched

    return Matched(matches, new, gone)


def test_the_policies_of_the_pack_are_sound() -> None:
    found = load_policies(load_pack("yangquan").folder)
    assert len({one.id for one in found}) == len(found) >= 10
    chance = random.Random(1)
    firm = {
        "taxable_income_yuan": chance.randrange(3_000_000),
        "employees": 50,
        "assets_yuan": 1e6,
        "restricted_industry": False,
    }
    assert is_eligible(firm, next(one for one in found if one.id == "small-profit-tax"))


@pytest.mark.parametrize("condition", ["employees", "employees => 3", "employees >= many", "Employees >= 3"])
def test_a_condition_that_is_none_is_told_with_its_line(tmp_path: Path, condition: str) -> None:
    (tmp_path / "policies.yaml").write_text(
        f'- {{id: a, name: 甲, benefit: 乙, amount_yuan: null, office: finance, source: 丙, conditions: ["{condition}"]}}\n'
    )
    with pytest.raises(PackError, match=r"policies.yaml:1: conditions"):
        load_policies(tmp_path)
