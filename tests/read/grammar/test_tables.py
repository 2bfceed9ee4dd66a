"""Figures of statistical tables are told by their column's head and their row's label."""

from __future__ import annotations

import pytest

from bihuan.core.records.statement import Statement
from bihuan.read.formats import load
from bihuan.read.pipeline import read_source

TITLE = "2023年嘉兴市主要经济指标\n2024年1月25日\n"
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


def told(text: str) -> list[tuple[object, ...]]:
    return [
        (s.quote, s.indicator, s.value, s.unit, s.measure, s.direction, s.kind, s.period, s.subject)
        for s in read(TITLE + text)
    ]


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


def test_units_stand_in_the_row_the_column_or_a_cell_of_their_own() -> None:
    assert told(
        "指标 | 单位 | 2023年 | 同比增长（%）\n"
        + "工业用电量 | 亿千瓦时 | 412.6 | 3.8\n"
        + "港口货物吞吐量（万吨） |  | 12876 | -0.7\n"
        + "居民消费价格指数 |  | 100.3 |\n"
    ) == [
        ("412.6", "工业用电量", 41260000000.0, "千瓦时", "level", None, "result", "2023", None),
        ("3.8", "工业用电量", 3.8, "%", "growth", "+", "result", "2023", None),
        ("12876", "港口货物吞吐量", 128760000.0, "吨", "level", None, "result", "2023", None),
        ("0.7", "港口货物吞吐量", 0.7, "%", "growth", "-", "result", "2023", None),
        ("100.3", "居民消费价格指数", 100.3, "", "level", None, "result", "2023", None),
    ]


def test_rows_of_places_are_named_by_their_column() -> None:
    found = told(
        "县（市、区） | 地区生产总值（亿元） | 增长（%） | 位次\n"
        + "全市 | 7062.4 | 6.3 |\n"
        + "海宁市 | 1283.1 | 7.0 | 1\n"
    )
    assert [(row[1], row[4], row[8]) for row in found] == [
        ("地区生产总值", "level", None),
        ("地区生产总值", "growth", None),
        ("地区生产总值", "level", "海宁市"),
        ("地区生产总值", "growth", "海宁市"),
        ("地区生产总值增速", "rank", "海宁市"),
    ]
    assert found[2][2] == 128310000000.0


def test_rows_of_times_are_of_those_times() -> None:
    found = told("时间\t发电量（亿千瓦时）\n2021年\t310.5\n2022年\t328.9\n")
    assert [(row[1], row[2], row[7]) for row in found] == [
        ("发电量", 31050000000.0, "2021"),
        ("发电量", 32890000000.0, "2022"),
    ]


def test_a_column_of_targets_promises() -> None:
    found = told("指标 | 2023年完成 | 2024年目标\n城镇新增就业（万人） | 9.2 | 8.5\n")
    assert [(row[2], row[6], row[7]) for row in found] == [(92000.0, "result", "2023"), (85000.0, "target", "2024")]


def test_a_second_head_begins_a_second_table() -> None:
    found = told(
        "项目名称\t总投资（亿元）\t建设内容\n湿地公园\t12.5\t新建步道18公里、停车位600个\n"
        + "行业\t增加值占比（%）\t增速（%）\n装备制造业\t32.1\t9.6\n"
    )
    assert [(row[0], row[1], row[4]) for row in found] == [
        ("12.5", "湿地公园总投资", "level"),
        ("18公里", "新建步道", "level"),
        ("600个", "新建停车位", "level"),
        ("32.1", "装备制造业增加值占比", "share"),
        ("9.6", "装备制造业", "growth"),
    ]


@pytest.mark.parametrize(
    "table",
    ["序号 | 姓名 | 电话\n1 | 张三 | 2023456\n2 | 李四 | 2087654\n", "年份 | 备注\n2022 | 无\n2023 | 无\n"],
)
def test_what_has_no_unit_is_no_figure(table: str) -> None:
    assert told(table) == []


def test_quotes_stand_at_their_place() -> None:
    text = TITLE + "指标 | 2023年\n 粮食总产量（万吨） |  52.4 \n"
    (statement,) = read(text)
    assert text[statement.start :].startswith(statement.quote)
    assert statement.quote == "52.4"
