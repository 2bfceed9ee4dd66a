"""What an excerpt of a work report tells without its headings, and words that other cities' reports put otherwise."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from bihuan.read import read_bytes
from bihuan.store.packs import load_pack

TITLE = "2024年嘉禾市政府工作报告\n"


def figures(text: str, pack: str | None = None) -> dict[str, dict[str, Any]]:
    reading = read_bytes((TITLE + text).encode(), "report.txt", load_pack(pack) if pack else None)
    return {statement.quote: asdict(statement) for statement in reading.statements}


@pytest.mark.parametrize(
    ("text", "quote", "told"),
    [
        ("接待游客3100万人次。", "3100万人次", {"kind": "result", "period": "2023"}),
        ("全年接待游客3100万人次。", "3100万人次", {"kind": "result", "period": "2023"}),
        ("1—11月，规上工业企业实现利润88亿元。", "88亿元", {"kind": "result", "period": "2023-01/2023-11"}),
        ("今年，改造老旧小区56个。", "56个", {"kind": "target", "period": "2024"}),
        ("今年原煤产量稳定在5300万吨。", "5300万吨", {"kind": "target", "period": "2024"}),
        ("今年已改造老旧小区56个。", "56个", {"kind": "result", "period": "2024"}),
        ("全年力争接待游客3100万人次。", "3100万人次", {"kind": "target", "period": "2024"}),
        ("未来五年，粮食产量年均增长2%。", "2%", {"kind": "target", "period": "2024/2028"}),
        ("今年要办好民生实事：\n1.新增养老床位1500张。\n2.新增停车位300个。", "300个", {"kind": "target", "period": "2024"}),
        ("接待游客1亿人次，恢复到2019年的112%。", "112%", {"period": "2023", "measure": "share"}),
        ("1.新增养老床位1500张。", "1500张", {"indicator": "新增养老床位"}),
        ("力争三年内培育百亿级企业5家。", "5家", {"indicator": "百亿级企业", "period": "2024/2026"}),
        ("市场主体突破30万户大关，净增2.6万户。", "2.6万户", {"indicator": "市场主体", "measure": "change"}),
        ("办理提案94件，办结率98%。", "98%", {"indicator": "办理提案办结率", "measure": "level"}),
        ("总投资58亿元的光伏制造基地开工建设。", "58亿元", {"indicator": "光伏制造基地总投资"}),
        ("能耗下降3%，可再生能源装机占比达到55%。", "55%", {"indicator": "可再生能源装机占比", "measure": "share"}),
        ("城乡居民收入比缩小到1.68。", "1.68", {"indicator": "城乡居民收入比", "unit": "比", "value": 1.68}),
        ("三次产业比重由8.1∶42.3∶49.6调整为7.6∶43.5∶48.9。", "8.1", {"indicator": "第一产业占比", "period": "2022"}),
        ("三次产业比重由8.1∶42.3∶49.6调整为7.6∶43.5∶48.9。", "7.6", {"indicator": "第一产业占比", "period": "2023"}),
        ("建设高标准农田15万亩，其中新建10万亩、改造提升5万亩。", "10万亩", {"indicator": "新建高标准农田"}),
        ("建设高标准农田15万亩，其中新建10万亩、改造提升5万亩。", "5万亩", {"measure": "level"}),
        ("产值增长6%，增速分别高于全国、全省1.2个和0.5个百分点。", "1.2", {"measure": "gap", "unit": "百分点", "value": 1.2}),
        ("粮食播种面积310万亩，产量22亿斤。", "22亿斤", {"indicator": "粮食产量"}),
        ("外商及港澳台投资企业产值下降1.3%。", "1.3%", {"indicator": "外商及港澳台投资企业产值", "subject": None}),
        (
            "1—8月，产值增长8%，其中8月份增长7.3%，回落0.4个百分点。分类型看，国有企业产值增长4.2%。",
            "4.2%",
            {"period": "2023-01/2023-08"},
        ),
        ("2023年主要目标完成情况：产值增长5.8%。", "5.8%", {"kind": "result", "period": "2023"}),
        ("8月底前完成老旧管网改造120公里。", "120公里", {"indicator": "老旧管网改造", "kind": "target"}),
        ("存贷款余额分别达到3126亿元、2214亿元。", "2214亿元", {"indicator": "贷款余额"}),
        ("上半年投资增长7%，全年不低于8%。", "8%", {"measure": "growth", "direction": "+", "bound": "at_least"}),
        (
            "货物吞吐量、集装箱吞吐量分别增长9.2%、-3.1%。",
            "3.1%",
            {"indicator": "集装箱吞吐量", "measure": "growth", "direction": "-"},
        ),
    ],
)  # fmt: skip
def test_a_figure_of_an_excerpt(text: str, quote: str, told: dict[str, Any]) -> None:
    found = figures(text)[quote]
    assert {name: found[name] for name in told} == told


def test_a_plan_of_several_years_speaks_from_the_first() -> None:
    text = "嘉禾市更新行动方案（2024—2026年）\n2024年改造老旧小区30个，今年力争开工25个，2026年改造45个。"
    found = read_bytes(text.encode(), "plan.txt", None).statements
    assert [(s.kind, s.period) for s in found] == [("target", "2024"), ("target", "2024"), ("target", "2026")]


def test_a_review_keeps_the_year_of_its_heading() -> None:
    found = figures("一、2023年工作回顾\n改造老旧小区56个。\n二、2024年工作安排\n改造老旧小区60个。")
    assert [(found[q]["kind"], found[q]["period"]) for q in ("56个", "60个")] == [
        ("result", "2023"),
        ("target", "2024"),
    ]


@pytest.mark.parametrize(
    ("text", "pack", "subject"),
    [
        ("平定设施蔬菜面积3.2万亩。", "yangquan", None),  # the report of another city
        ("支持河头、松口、石坝三县发展。松口设施蔬菜面积3.2万亩。", None, "松口县"),
        ("松口县要加快发展。\n松口设施蔬菜面积3.2万亩。", None, "松口县"),
        ("松口设施蔬菜面积3.2万亩。", None, None),
    ],
)
def test_a_county_by_its_short_name(text: str, pack: str | None, subject: str | None) -> None:
    assert figures(text, pack)["3.2万亩"]["subject"] == subject


def test_a_county_of_the_pack_by_its_short_name() -> None:
    text = "2024年阳泉市政府工作报告\n平定设施蔬菜面积3.2万亩，盂县1.1万亩。"
    found = read_bytes(text.encode(), "report.txt", load_pack("yangquan")).statements
    assert [statement.subject for statement in found] == ["平定县", "盂县"]


@pytest.mark.parametrize(
    ("text", "quote", "indicator"),
    [
        ("今年，地区生产总值预期增长5.5%左右。", "5.5%", "地区生产总值"),
        ("城镇新增就业预期1.2万人以上。", "1.2万人", "城镇新增就业"),
        ("人均预期寿命达到78.6岁。", "78.6岁", "人均预期寿命"),  # here it is part of the name
    ],
)
def test_what_is_expected_is_no_part_of_the_name(text: str, quote: str, indicator: str) -> None:
    assert figures(text)[quote]["indicator"] == indicator
