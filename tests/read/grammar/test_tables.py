"""Figures of statistical tables are told by their column's head and their row's label."""

from __future__ import annotations

from bihuan.core.records.statement import Statement
from bihuan.read.formats import load
from bihuan.read.pipeline import read_source

BY_INDICATOR = """2023年主要经济指标
指标\t计量单位\t2022年完成\t2023年目标\t同比增长（%）
地区生产总值\t亿元\t1,012.9\t1100\t6
其中：第一产业\t亿元\t12.3\t13\t-5.1
城镇化率\t%\t70.1\t71
单位不明的指标\t\t3\t4
"""
BY_PLACE = """2023年1—9月分县区情况
单位：亿元
县区 | 工业投资 | 增速（%） | 位次
全市 | 75.2 | 5.1 | 3
东山县 | 12.5 | -1.2 | 5
"""


def read(text: str) -> list[Statement]:
    return list(read_source(load(text.encode(), "table.txt"), None).statements)


def facts(statement: Statement) -> tuple[object, ...]:
    return (statement.indicator, statement.value, statement.unit, statement.measure, statement.direction)


def test_one_indicator_a_row() -> None:
    found = read(BY_INDICATOR)
    assert [facts(statement) for statement in found] == [
        ("地区生产总值", 101_290_000_000, "元", "level", None),
        ("地区生产总值", 110_000_000_000, "元", "level", None),
        ("地区生产总值", 6, "%", "growth", "+"),
        ("第一产业", 1_230_000_000, "元", "level", None),
        ("第一产业", 1_300_000_000, "元", "level", None),
        ("第一产业", 5.1, "%", "growth", "-"),
        ("城镇化率", 70.1, "%", "level", None),
        ("城镇化率", 71, "%", "level", None),
    ]
    assert [(s.kind, s.period) for s in found[:2]] == [("result", "2022"), ("target", "2023")]


def test_one_place_a_row_names_its_subject_and_lends_the_indicator_to_the_columns_behind() -> None:
    found = read(BY_PLACE)
    assert [(s.subject, *facts(s)) for s in found] == [
        (None, "工业投资", 7_520_000_000, "元", "level", None),
        (None, "工业投资", 5.1, "%", "growth", "+"),
        (None, "工业投资增速", 3, "位", "rank", None),
        ("东山县", "工业投资", 1_250_000_000, "元", "level", None),
        ("东山县", "工业投资", 1.2, "%", "growth", "-"),
        ("东山县", "工业投资增速", 5, "位", "rank", None),
    ]
    assert {s.period for s in found} == {"2023-01/2023-09"}


def test_the_quote_is_the_number_alone_at_its_place() -> None:
    found = read(BY_INDICATOR)
    assert [s.quote for s in found[:6]] == ["1,012.9", "1100", "6", "12.3", "13", "5.1"]
    assert all(BY_INDICATOR.startswith(s.quote, s.start) for s in found)


def test_a_plain_text_table_and_two_tables_behind_one_another() -> None:
    ruled = "| 指标 | 单位 | 2023年 |\n| --- | --- | --- |\n| 粮食产量 | 万吨 | 23.1 |\n"
    second = "| 项目 | 单位 | 2024年目标 |\n| 造林面积 | 万亩 | 7 |\n"
    assert [(s.indicator, s.value, s.period, s.kind) for s in read(ruled + second)] == [
        ("粮食产量", 231_000, "2023", "result"),
        ("造林面积", 70_000, "2024", "target"),
    ]


def test_a_table_without_a_head_is_no_statement_of_numbers_without_units() -> None:
    assert read("甲\t1\t2\n乙\t3\t4\n") == []
