"""What came of a promise: the rule of the labels, case by case."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.core.records.indicator import Good
from bihuan.core.records.statement import Commitment, Statement
from bihuan.read.linking.verdict import judge_figure, judge_project, promised_again


def figure(value: float, **fields: Any) -> Statement:
    given = {"measure": "growth", "direction": "+", "bound": "exact", "kind": "target", "period": "2024"} | fields
    return Statement("a.txt", "x", 0, "某指标", value, "%", subject=None, **given)


def state(stage: str, kind: str = "target", verb: str = "推进", **fields: Any) -> Commitment:
    given: dict[str, Any] = {"period": "2024", "due": None, "sentence": None} | fields
    return Commitment("a.txt", "x", 0, verb, "云河水库", stage, kind, subject=None, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "result", "good", "verdict"),
    [
        (figure(6), figure(6.2, kind="result"), "up", "met"),
        (figure(6), figure(5.9, kind="result"), "up", "missed"),
        (figure(6, bound="approx"), figure(5.8, kind="result"), "up", "met"),
        (figure(6, bound="approx"), figure(5.1, kind="result"), "up", "missed"),
        (figure(6.5, bound="at_least"), figure(6.5, kind="result"), None, "met"),
        (level := figure(5.5, measure="level", direction=None, bound="at_most"), figure(5.4, measure="level", direction=None), None, "met"),
        (level, figure(5.6, measure="level", direction=None), None, "missed"),
        (figure(3), figure(0.4, kind="result"), "down", "met"),
        (figure(3, direction="-"), figure(3.4, direction="-"), None, "met"),
        (figure(3, direction="-"), figure(2.1, direction="-"), None, "missed"),
        (figure(3, direction="-"), figure(1.2), None, "missed"),
        (figure(4), figure(5.3, direction="-"), "up", "missed"),
        (figure(6), figure(900, measure="level", direction=None), "up", "unknown"),
        (figure(6), figure(6.4, period="2024-01/2024-09"), "up", "unknown"),
        (figure(80, measure="level", direction=None), figure(84, measure="level", direction=None, period="2024-01/2024-09"), "up", "met"),
        (figure(80, measure="level", direction=None), figure(64, measure="level", direction=None, period="2024-01/2024-09"), "up", "unknown"),
        (figure(3, measure="rank", direction=None), figure(2, measure="rank", direction=None), None, "met"),
    ],
)  # fmt: skip
def test_figures(target: Statement, result: Statement, good: Good | None, verdict: str) -> None:
    assert judge_figure(target, result, good) == verdict


@settings(deadline=None)
@given(st.floats(0.1, 1e6), st.floats(0.1, 1e6), st.sampled_from(["exact", "at_least"]))
def test_more_never_turns_met_into_missed(promised: float, reached: float, bound: str) -> None:
    if judge_figure(figure(promised, bound=bound), figure(reached), "up") == "met":
        assert judge_figure(figure(promised, bound=bound), figure(reached * 2), "up") == "met"


@pytest.mark.parametrize(
    ("target", "later", "period", "verdict"),
    [
        (state("completed"), state("operating", "result", "投用"), "2024", "met"),
        (state("operating"), state("completed", "result", "建成"), "2024", "partly"),
        (state("operating"), state("under_way", "result", "封顶"), "2024", "partly"),
        (state("completed"), state("started", "result", "开工"), "2024", "partly"),
        (state("started"), state("planned", "result", "核准"), "2024", "missed"),
        (state("started"), state("started", "target", "开工"), "2025", "missed"),
        (state("planned", verb="核准"), state("planned", "result", "核准"), "2024", "met"),
        (state("planned", verb="核准"), state("started", "result", "开工"), "2024", "met"),
        (state("planned", verb="争取"), state("planned", "result", "推进"), "2024", "missed"),
        (state("started"), state("under_way", "result", sentence="云河水库等都在推进之中。"), "2024", "unknown"),
        (state("started"), state("under_way", "result", sentence="云河水库正在加紧施工。"), "2024", "met"),
        (state("under_way"), state("under_way", "result"), "2025", "met"),
        (state("operating", due="2024-06"), state("operating", "result", "投用"), "2024-09", "partly"),
        (state("operating", due="2024-06"), state("operating", "result", "投用"), "2024-05", "met"),
        (state("operating", due="2024-06"), state("operating", "result", "投用"), "2024", "met"),
        (state("operating", due="2024-10-01"), state("operating", "result", "投用"), "2024-10", "met"),
        (state("completed"), state("completed", "result", "建成"), "2025", "partly"),
    ],
)
def test_projects(target: Commitment, later: Commitment, period: str, verdict: str) -> None:
    assert judge_project(target, later, period) == verdict


def test_a_promise_given_again_tells_that_it_was_not_kept() -> None:
    assert promised_again(state("started"), state("started"))
    assert promised_again(state("operating"), state("completed"))
    assert not promised_again(state("started"), state("operating"))
    assert not promised_again(state("under_way"), state("under_way"))
    assert not promised_again(state("started"), state("started", "result"))
