"""What came of a promise: met, missed, partly or unknown (`docs/explanation/linking.md`, after the labels' rule)."""

from __future__ import annotations

import re

from bihuan.core.period import Period
from bihuan.core.records.indicator import Good
from bihuan.core.records.statement import Commitment, Stage, Statement, Verdict

APPROX_PART = 0.05
"""A figure promised as 左右 may fall short by this part of it."""
_ORDER: dict[Stage, int] = {"planned": 0, "started": 1, "under_way": 2, "completed": 3, "operating": 4}
_PREPARING = frozenset(("谋划", "规划", "筹建", "编制", "申报", "争取", "核准", "获批", "列入", "制定", "完成"))
_FIXED = ("completed", "operating")


def judge_figure(target: Statement, result: Statement, good: Good | None) -> Verdict:
    """Return whether a figure satisfies what was promised of it, by value, bound and direction.

    Args:
        target: the promise.
        result: what was reported; of the same measure, else the promise cannot be judged.
        good: which way is good for the indicator, where the registry tells; a promise without a bound (增长6%) is
            met by that much or better, and better is up unless the registry says down. A result of the year so far
            meets a sum already reached, and nothing else.
    """
    if target.measure != result.measure and "growth" in (target.measure, result.measure):
        return "unknown"
    promised, reached = _signed(target), _signed(result)
    slack = abs(promised) * APPROX_PART if target.bound == "approx" else 0.0
    ceiling = _is_ceiling(target, good)
    satisfied = reached <= promised + slack if ceiling else reached >= promised - slack
    if is_year_to_date(target, result):
        return "met" if satisfied and target.measure == "level" and not ceiling else "unknown"
    return "met" if satisfied else "missed"


def is_year_to_date(target: Statement, result: Statement) -> bool:
    """Tell whether a result ends before what the promise is for: 2023-01/2023-09 against 2023."""
    if target.period is None or result.period is None:
        return False
    return Period.parse(result.period).last < Period.parse(target.period).last


def _signed(statement: Statement) -> float:
    return -statement.value if statement.direction == "-" else statement.value


def _is_ceiling(target: Statement, good: Good | None) -> bool:
    """Tell whether less is better: 控制在4%以内; 下降4% is met by a greater fall."""
    if target.measure == "rank":
        return True
    if target.direction == "-":
        return target.bound != "at_most"
    if target.bound in ("at_least", "at_most"):
        return target.bound == "at_most"
    return good == "down"


def judge_project(target: Commitment, later: Commitment, later_period: str | None) -> Verdict:
    """Return whether a project has reached the promised stage in time.

    Args:
        target: the promise.
        later: what a later text, or a later section, says of the project.
        later_period: when that holds, ISO 8601; None where the text does not tell.
    """
    if later.kind == "target":
        return "missed"
    if _ORDER[target.stage] == 0:
        return "met" if _ORDER[later.stage] > 0 or later.verb in _PREPARING else "missed"
    if later.stage == "planned":
        return "missed"
    vague = later.verb == "推进" and not _is_at_work(later)
    if _ORDER[later.stage] >= _ORDER[target.stage] and not (vague and target.stage == "started"):
        return "partly" if _is_late(target, later_period) else "met"
    return "unknown" if vague else "partly"


def promised_again(target: Commitment, later: Commitment) -> bool:
    """Tell whether a later text still promises what this one did: the works have not begun, or not been finished."""
    same_or_earlier = _ORDER[later.stage] <= _ORDER[target.stage]
    return later.kind == "target" and same_or_earlier and target.stage in ("started", *_FIXED)


def _is_at_work(later: Commitment) -> bool:
    """Tell whether the text says outright that the works have begun (X加紧施工); 加快推进 and 推进之中 do not."""
    works = re.escape(later.object) + "[^，。；]{0,8}?(?:建设|施工|开挖|安装|调试|装修)"
    return re.search(works, later.sentence or "") is not None


def _is_late(target: Commitment, later_period: str | None) -> bool:
    """Tell whether the stage was reached after the last month allowed; a period counts from its first month."""
    end = target.due or target.period
    if end is None or later_period is None or target.stage == "under_way":
        return False
    last = end.rsplit("/", 1)[-1][:7]
    first = later_period.split("/", 1)[0][:7]
    return first > (last if len(last) == 7 else f"{last}-12")
