from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.errors import InputError
from bihuan.core.period import Period, due_day, find_periods

YEAR = 2023

years = st.integers(1990, 2060)
months = st.integers(12 * 1990, 12 * 2060)
periods = st.builds(lambda first, length: Period(first, first + length), months, st.integers(0, 100)) | st.builds(
    lambda first, length: Period.of_years(first, first + length), years, st.integers(0, 10)
)


def one(text: str, default_year: int | None = None) -> tuple[str, str | None, str, str | None]:
    """Return the only mention of a text as (words, period, role, due)."""
    (mention,) = find_periods(text, YEAR, default_year)
    return text[mention.start : mention.end], mention.period, mention.role, mention.due


@given(periods)
def test_a_period_is_written_and_read_back(period: Period) -> None:
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize("text", ["2023", "2023-09", "2023-01/2023-11", "2021/2023"])
def test_the_four_forms_are_kept(text: str) -> None:
    assert str(Period.parse(text)) == text


@pytest.mark.parametrize("text", ["", "23", "2023-13", "2023-00", "2023/2021", "2023-05/2024", "2023-09-01", "今年"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Period.parse(text)


@given(periods, periods)
def test_order_overlap_and_containment_agree(a: Period, b: Period) -> None:
    assert a.overlaps(b) == b.overlaps(a)
    assert a.overlaps(b) == any(b.first <= month <= b.last for month in range(a.first, a.last + 1))
    if a.contains(b):
        assert a.overlaps(b)
        assert a.first <= b.first
    if a.start_day < b.start_day:
        assert a < b


@given(periods)
def test_a_period_begins_and_ends_on_its_days(period: Period) -> None:
    assert Period.of_months(period.start_day.year, period.start_day.month).first == period.first
    next_day = period.end_day + timedelta(days=1)
    assert (next_day.year * 12 + next_day.month - 1, next_day.day) == (period.last + 1, 1)


@pytest.mark.parametrize(
    ("period", "previous"),
    [("2023", "2022"), ("2023-09", "2022-09"), ("2023-01/2023-11", "2022-01/2022-11"), ("2021/2023", "2018/2020")],
)
def test_a_period_is_compared_with_the_one_before(period: str, previous: str) -> None:
    assert str(Period.parse(period).previous()) == previous


@pytest.mark.parametrize(
    ("due", "day"), [("2023-08", date(2023, 8, 31)), ("2024-02", date(2024, 2, 29)), ("2023-09-15", date(2023, 9, 15))]
)
def test_a_due_ends_on_its_last_day(due: str, day: date) -> None:
    assert due_day(due) == day


@pytest.mark.parametrize("due", ["", "2023-02-30", "soon"])
def test_what_is_no_due_is_refused(due: str) -> None:
    with pytest.raises(InputError):
        due_day(due)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("今年建成三座水厂", "2023"),
        ("去年新增就业", "2022"),
        ("上年完成", "2022"),
        ("前年启动", "2021"),
        ("明年投产", "2024"),
        ("2019年底全部脱贫", "2019"),
        ("2022年度考核", "2022"),
        ("二〇二二年完成", "2022"),
        ("2024年1—11月，用电量", "2024-01/2024-11"),
        ("今年前三季度，税收", "2023-01/2023-09"),
        ("去年前8个月", "2022-01/2022-08"),
        ("去年上半年", "2022-01/2022-06"),
        ("2025年第四季度", "2025-10/2025-12"),
        ("2022年10月通车", "2022-10"),
        ("2021—2023年，累计投入", "2021/2023"),
        ("2021年至2025年", "2021/2025"),
        ("2022 年 1 — 11 月", "2022-01/2022-11"),
        ("\uff12\uff10\uff12\uff12年", "2022"),
        ("“十四五”时期，", "2021/2025"),
        ("十三五期间", "2016/2020"),
        ("到“十五五”末", "2030"),
        ("到2025年，全部达标", "2025"),
    ],
)
def test_a_named_time_is_told_whatever_the_section(text: str, period: str) -> None:
    assert one(text, default_year=1999)[1:3] == (period, "at")


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("1-11月，粮食", "2022-01/2022-11"),
        ("1至10月份", "2022-01/2022-10"),
        ("前11个月", "2022-01/2022-11"),
        ("前两个季度", "2022-01/2022-06"),
        ("下半年回升", "2022-07/2022-12"),
        ("一季度开门红", "2022-01/2022-03"),
        ("9月份回落", "2022-09"),
        ("全年接待游客", "2022"),
    ],
)
def test_months_without_a_year_belong_to_the_section(text: str, period: str) -> None:
    (mention,) = find_periods(text, YEAR, default_year=2022)
    assert (mention.period, mention.role, mention.named_year) == (period, "at", False)


@pytest.mark.parametrize(
    ("text", "words", "period", "due"),
    [
        ("二号机组8月底前投运", "8月底前", "2023", "2023-08"),
        ("南环路10月底前通车", "10月底前", "2023", "2023-10"),
        ("年内开工", "年内", "2023", "2023-12"),
        ("今年年底前建成", "今年年底前", "2023", "2023-12"),
        ("2025年底前达标", "2025年底前", "2025", "2025-12"),
        ("9月15日前报送", "9月15日前", "2023", "2023-09-15"),
        ("明年6月底之前完成", "明年6月底之前", "2024", "2024-06"),
    ],
)
def test_a_deadline_names_its_last_month_or_day(text: str, words: str, period: str, due: str) -> None:
    assert one(text) == (words, period, "due", due)


def test_a_half_year_or_quarter_has_a_last_month() -> None:
    assert one("上半年开工建设")[3] == "2023-06"
    assert one("三季度投用")[3] == "2023-09"
    assert one("今年开工建设")[3] is None


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("去年以来", "2022/2023"),
        ("2019年以来", "2019/2023"),
        ("今年以来", "2023"),
        ("从2020年起", "2020/2023"),
        ("“十四五”以来", "2021/2023"),
    ],
)
def test_since_runs_to_this_year(text: str, period: str) -> None:
    assert one(text)[1:3] == (period, "since")


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("比上年增长", "2022"),
        ("较2020年提高", "2020"),
        ("去年同期", "2022"),
        ("与去年相比", "2022"),
        ("较年初下降", "2023"),
    ],
)
def test_what_is_compared_with_is_told_apart(text: str, period: str) -> None:
    assert one(text)[1:3] == (period, "base")


def test_where_a_change_began_is_told_apart() -> None:
    found = find_periods("由2020年的12家增加到2022年的15家", YEAR)
    assert [(m.period, m.role) for m in found] == [("2020", "from"), ("2022", "at")]


@pytest.mark.parametrize(
    ("text", "period", "years"),
    [
        ("近三年年均", None, 3),
        ("连续五年", None, 5),
        ("五年来", None, 5),
        ("占比两年提高", None, 2),
        ("三年内完成", "2023/2025", 3),
        ("力争用三年时间", "2023/2025", 3),
        ("未来五年", "2023/2027", 5),
    ],
)
def test_a_number_of_years_has_a_period_only_when_it_looks_ahead(text: str, period: str | None, years: int) -> None:
    (mention,) = find_periods(text, YEAR)
    assert (mention.period, mention.role, mention.years) == (period, "span", years)


@pytest.mark.parametrize(
    "text",
    [
        "规模以上年产值",
        "安全年活动",
        "“十四五”规划",
        "三年行动计划",
        "百年未有",
        "四季度假",
        "老龄化青年",
        "151个月",
        "第31个",
        "3.0版",
        "13月",
    ],
)
def test_words_that_only_look_like_a_time_are_passed_over(text: str) -> None:
    assert find_periods(text, YEAR) == []


@given(
    st.text(
        alphabet="今去上前明本年月日底末内初前以来十四五“”一二三两0123456789—至到比较由从自近用时间半季度第个的，",
        max_size=25,
    )
)
def test_mentions_lie_in_the_text_in_order_and_are_periods(text: str) -> None:
    at = 0
    for mention in find_periods(text, YEAR):
        assert at <= mention.start < mention.end <= len(text)
        at = mention.end
        if mention.period is not None:
            Period.parse(mention.period)
        if mention.due is not None:
            due_day(mention.due)


def test_what_is_no_number_of_years_is_no_period() -> None:
    assert find_periods("十四五年内两成", 2024) == []
