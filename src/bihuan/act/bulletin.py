"""The weekly bulletin（督查通报）and the orders of a case（督办单、交办单）: what official documents say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from bihuan.act.case_type import FieldSpec
from bihuan.act.clock import CHINA
from bihuan.act.engine import Engine
from bihuan.act.messages import LIGHT_WORDS
from bihuan.act.official import Block, Paper
from bihuan.act.scorecard import Card, Formula, cards
from bihuan.act.units import Units
from bihuan.core.quantity import format_value
from bihuan.core.records.case import Case
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_lists import CaseRow, listed
from bihuan.store.case_tallies import tallies
from bihuan.store.connect import Connection

OrderKind = Literal["督办单", "交办单"]
_MOST_LISTED = 100


def bulletin(
    connection: Connection, engine: Engine, formula: Formula, office: str, start: date, end: date, now: datetime
) -> Paper:
    """Return the bulletin of the days `start` to `end`, both counted: how it stands, who is late, the ranking.

    Raises:
        InputError: the span ends before it begins.
    """
    ranking = cards(connection, formula, start, end)
    deadline = min(now, datetime.combine(end + timedelta(days=1), time(0), CHINA))
    late = listed(connection, CaseFilter(overdue_at=deadline), limit=_MOST_LISTED).rows
    open_by_light = tallies(connection, CaseFilter(), now, now).by("light")
    blocks = [
        Block("一、总体情况", _summary(ranking, open_by_light)),
        Block("二、逾期事项", "" if late else "无逾期事项。", _late_rows(engine, late)),
        Block("三、单位得分", "" if ranking else "本期没有办理记录。", _ranking_rows(engine, ranking)),
        Block("四、工作要求", "逾期事项的牵头单位要逐项说明原因，明确完成时间；退回事项按要求补办。"),
    ]
    span = f"{start.month}月{start.day}日至{end.month}月{end.day}日"
    return Paper(engine.units.name(office), f"督查通报（{start.year}年{span}）", "各县区、各部门", blocks, end)


def _summary(ranking: Iterable[Card], open_by_light: dict[int, int]) -> str:
    found = list(ranking)
    total = {
        name: sum(getattr(card.counts, name) for card in found)
        for name in ("opened", "closed", "on_time", "late", "red", "returned")
    }
    in_hand = sum(open_by_light.values())
    red = open_by_light.get(4, 0)
    return (
        f"本期新立{total['opened']}件，办结{total['closed']}件；按时完成节点{total['on_time']}个，"
        f"逾期完成{total['late']}个，亮红灯{total['red']}次，退回{total['returned']}件。"
        f"目前在办{in_hand}件，其中红灯{red}件。"
    )


def _late_rows(engine: Engine, rows: list[CaseRow]) -> list[list[str]]:
    if not rows:
        return []
    head = ["编号", "事项", "牵头单位", "时限"]
    return [head] + [[row.number, row.title, engine.units.name(row.lead), _moment(row.next_due)] for row in rows]


def _ranking_rows(engine: Engine, ranking: list[Card]) -> list[list[str]]:
    if not ranking:
        return []
    head = ["名次", "单位", "得分", "按时率", "平均天数", "退回", "红灯", "满意度"]
    return [head] + [
        [
            str(place),
            engine.units.name(card.unit),
            f"{card.score:g}",
            "—" if card.on_time_rate is None else f"{card.on_time_rate:.0%}",
            "—" if card.average_days is None else f"{card.average_days:.1f}",
            str(card.counts.returned),
            str(card.counts.red),
            "—" if card.satisfaction is None else f"{card.satisfaction:.1f}",
        ]
        for place, card in enumerate(ranking, 1)
    ]


def order(engine: Engine, case: Case, kind: OrderKind, day: date) -> Paper:
    """Return the order of a case: what is asked of whom, and by when. Personal fields are left out."""
    spec = engine.types[case.type]
    rows = [["项目", "内容"], ["编号", case.number], ["事项", str(case.values.get("title", ""))]]
    rows.append(["牵头单位", engine.units.name(case.lead)])
    rows.append(["配合单位", "、".join(engine.units.name(unit) for unit in case.supports) or "—"])
    rows += [
        [spec.fields[name].name, _said(spec.fields[name], value, engine.units)]
        for name, value in case.values.items()
        if name in spec.fields and name != "title"
    ]
    rows += [
        [spec.clocks[clock.id.partition("#")[0]].name, _moment(clock.due_at)] for clock in case.clocks if clock.is_open
    ]
    rows.append(["状态", f"{spec.steps[case.step].name}，{LIGHT_WORDS[case.light]}"])
    text = (
        "现将下列事项交你单位办理，请按时限报告进展、办结销号。"
        if kind == "交办单"
        else "下列事项请抓紧办理，并书面说明进展和原因。"
    )
    return Paper(
        engine.units.name(case.office),
        kind,
        engine.units.name(case.lead),
        [Block(text=text, rows=rows)],
        day,
        case.number,
    )


def _said(field: FieldSpec, value: Any, units: Units) -> str:
    """Return the value of a field as a Chinese paper writes it."""
    if isinstance(value, list):
        return "、".join(_said(field, one, units) for one in value)
    if field.choices:
        choice = field.choices.get(str(value))
        return choice.name if choice else str(value)
    if field.kind == "unit":
        return units.name(value)
    if field.kind == "money_yuan":
        return f"{format_value(value, 2)}元"
    return f"{format_value(value, 2)}%" if field.kind == "percent" else str(value)


def _moment(at: datetime | None) -> str:
    return "待定" if at is None else f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"
