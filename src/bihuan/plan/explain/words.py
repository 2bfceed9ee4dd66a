"""The words of an explanation, in English and Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bihuan.plan.explain.answer import Clause, Repair

Lang = Literal["en", "zh"]

_SAID: dict[str, tuple[str, str]] = {
    "feasible": ("A plan exists; nothing contradicts.", "方案存在，各项条件互不矛盾。"),
    "infeasible": (
        "No plan exists. These conditions cannot hold together; without any one of them they could:",
        "方案不存在。以下条件不能同时成立，去掉其中任何一条即可成立：",
    ),
    "infeasible_whole": (
        "No plan exists with whole units, though parts of units would do; allow a gap or more units.",
        "按整台机组不存在方案，若允许部分机组则存在；请放宽机组台数。",
    ),
    "unbounded": (
        "The cost falls without end: these quantities grow together and nothing limits them.",
        "成本可无限下降：以下各量同时增长而没有任何限制。",
    ),
    "unclear": (
        "The solver could not tell why; a time limit or numerical trouble. This is no statement about the network.",
        "求解器未能判明原因（超时或数值困难），不能据此判断系统是否可行。",
    ),
    "alone": ("To repair it by one condition alone:", "若只放宽其中一条："),
    "together": (
        "The least that is missed if demand, budgets and duties may all give way:",
        "若需求、预算、义务均可放宽，最少缺口为：",
    ),
    "several": (
        "  There are more conflicts than this one; what has to be mended in all stands under the least that is missed.",
        "  除此之外还有其他矛盾；全部需要弥补的缺口见“最少缺口”。",
    ),
    "gain": ("each unit along the way saves {gain:,.4g}", "每增加一单位节省 {gain:,.4g}"),
    "not alone": ("{what}: this alone repairs nothing", "{what}：只放宽此条无济于事"),
    "needs": ("{what}: give way by {amount}", "{what}：放宽 {amount}"),
    "too much": ("{what}: too much by {amount}", "{what}：多出 {amount}"),
    "span": (" in {places} hours, {first} to {last}", "（{places} 个时段，{first} 至 {last}）"),
    "once": (" at {first}", "（{first}）"),
}
_FAMILIES: dict[str, tuple[str, str]] = {
    "demand": ("supply meets demand at bus {name}", "节点「{name}」供需平衡"),
    "budget": ("budget {name}: {limit}", "预算「{name}」：{limit}"),
    "band": ("contract {name} keeps to its hourly shape", "合同「{name}」保持约定曲线"),
    "reserve": ("reserve {name} is kept", "备用「{name}」得到保证"),
    "energy": ("{kind} {name}: energy of the year within its limits", "{kind}「{name}」年电量在限额内"),
    "ramp": ("{kind} {name}: change from hour to hour within its ramp", "{kind}「{name}」爬坡在限度内"),
    "rule": ("rule for {kind} {name}", "{kind}「{name}」的运行规则"),
    "contract": ("contract {name}: {limit} on average over the year", "合同「{name}」：年平均 {limit}"),
    "duty": ("heat duty of {name}: up to {limit} must be served", "「{name}」供热义务：最高 {limit} 必须供给"),
    "build": ("{kind} {name}: at most or at least {limit} may be built", "{kind}「{name}」：可建容量以 {limit} 为限"),
    "most": ("{kind} {name}: at most {limit}", "{kind}「{name}」：最多 {limit}"),
    "least": ("{kind} {name}: at least {limit}", "{kind}「{name}」：至少 {limit}"),
}
_KINDS_ZH = {
    "generators": "电源",
    "thermal_units": "机组",
    "links": "联络",
    "lines": "线路",
    "transformers": "变压器",
    "storage_units": "储能",
    "stores": "储能",
    "buses": "节点",
    "loads": "负荷",
    "flexible_loads": "可调负荷",
    "export_contracts": "外送合同",
    "heat_districts": "供热片区",
}


def say(what: str, lang: Lang) -> str:
    """Return one of the fixed sentences."""
    return _SAID[what][lang == "zh"]


def condition_text(clause: Clause, lang: Lang) -> str:
    """Return a condition in words, with the hours in which it matters."""
    kind = _KINDS_ZH.get(clause.kind, clause.kind) if lang == "zh" else clause.kind
    limit = f"{clause.limit:,.6g} {clause.unit}".strip()
    text = _FAMILIES[clause.family][lang == "zh"].format(kind=kind, name=clause.name, limit=limit)
    if not clause.first:
        return text
    span = "once" if clause.places == 1 else "span"
    return text + say(span, lang).format(places=clause.places, first=clause.first, last=clause.last)


def amount_text(repair: Repair, lang: Lang) -> str:
    """Return how far a condition must give way."""
    from dataclasses import replace

    what = condition_text(replace(repair.clause, first=""), lang)
    if repair.total != repair.total:
        return say("not alone", lang).format(what=what)
    return say("too much" if repair.over else "needs", lang).format(what=what, amount=_amount(repair, lang))


def _amount(repair: Repair, lang: Lang) -> str:
    unit = repair.clause.unit
    if not repair.hours:
        return f"{repair.total:,.6g} {unit}".strip()
    words = (
        "{total:,.6g} {unit}h in {hours} hours, at most {peak:,.6g} {unit}",
        "共 {total:,.6g} {unit}h，{hours} 个时段，最大 {peak:,.6g} {unit}",
    )
    return words[lang == "zh"].format(total=repair.total, unit=unit, hours=repair.hours, peak=repair.peak)
