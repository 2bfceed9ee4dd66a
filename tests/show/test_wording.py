"""Values and times as an official writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.sense.protocols import PROTOCOLS
from bihuan.show.language import Language
from bihuan.show.wording import period_text, plain_number, protocol_name, size_text, time_text, value_text


@dataclass(frozen=True)
class Value:
    value: float
    unit: str
    direction: str | None = None
    bound: str = "exact"


@pytest.mark.parametrize(
    ("row", "language", "text"),
    [
        (Value(101290000000, "元"), "zh-CN", "1,012.9 亿元"),
        (Value(101290000000, "元"), "en", "101.29 bn 元"),
        (Value(40000, "户", None, "at_least"), "zh-CN", "≥ 4 万户"),
        (Value(45.9, "%", "+"), "zh-CN", "+45.9 %"),
        (Value(3.2, "%", "-", "at_most"), "zh-CN", "≤ −3.2 %"),
        (Value(19610, "人"), "en", "19,610 人"),
        (Value(12000, "位"), "zh-CN", "12,000 位"),
        (Value(1.036, ""), "zh-CN", "1.036"),
        (Value(0, "家", None, "approx"), "zh-CN", "≈ 0 家"),
    ],
)
def test_value(row: Value, language: Language, text: str) -> None:
    assert value_text(row, language) == text


@pytest.mark.parametrize(
    ("period", "language", "text"),
    [
        ("2023", "zh-CN", "2023年"),
        ("2023-09", "zh-CN", "2023年9月"),
        ("2023-01/2023-11", "zh-CN", "2023年1月—2023年11月"),
        ("2021/2023", "en", "2021 – 2023"),
        (None, "zh-CN", ""),
        ("someday", "zh-CN", "someday"),
    ],
)
def test_period(period: str | None, language: Language, text: str) -> None:
    assert period_text(period, language) == text


@given(st.floats(min_value=0, max_value=1e15))
def test_a_number_is_shown_to_four_decimals(value: float) -> None:
    assert float(plain_number(value).replace(",", "")) == pytest.approx(value, abs=0.0001)


def test_times_are_beijing_times() -> None:
    assert time_text(datetime(2026, 12, 31, 17, 0, 5, tzinfo=UTC)) == "2027-01-01 01:00:05"


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1536, "1.5 KiB"), (33554432, "32.0 MiB"), (1 << 31, "2.0 GiB")]
)
def test_size(size: int, text: str) -> None:
    assert size_text(size) == text


def test_every_protocol_is_called_by_its_standard() -> None:
    assert {name for name in (*PROTOCOLS, "mqtt") if protocol_name(name) == name} == set()
    assert protocol_name("of another time") == "of another time"
