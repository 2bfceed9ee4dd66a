import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.errors import InputError
from bihuan.core.numerals import parse_growth, parse_number, parse_percent, parse_ratio

DIGITS = "零一二三四五六七八九"


def below_ten_thousand(number: int) -> str:
    """Write 1 to 9999 the way it is read aloud, 零 standing for skipped places."""
    written, pending_zero = "", False
    for power, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            written += ("零" if pending_zero and written else "") + DIGITS[digit] + mark
            pending_zero = False
        else:
            pending_zero = bool(written)
    return written


def chinese(number: int) -> str:
    """Write a whole number below 10^12 in Chinese numerals; the test's own, told apart from the code it checks."""
    if number == 0:
        return "零"
    written, gap = "", False
    for power, mark in ((10**8, "亿"), (10**4, "万"), (1, "")):
        group = number // power % 10**4
        if group:
            zero = "零" if written and (gap or group < 1000) else ""
            written += zero + below_ten_thousand(group) + mark
        gap = group == 0
    return written


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1012.9亿", 101_290_000_000),
        ("6898万", 68_980_000),
        ("1.2万亿", 1.2e12),
        ("1,234,567", 1_234_567),
        ("\uff13，\uff10\uff10\uff10．\uff15", 3000.5),
        ("-3.5", -3.5),
        ("－3", -3),
        ("十", 10),
        ("十五", 15),
        ("一百二", 120),
        ("一百零二", 102),
        ("两千", 2000),
        ("两万五", 25_000),
        ("一万零五十", 10_050),
        ("二十五点六", 25.6),
        ("零点五", 0.5),
        ("二点五亿", 2.5e8),
        ("半", 0.5),
        ("二〇二三", 2023),
        ("叁佰万", 3e6),
        ("千亿", 1e11),
        ("百万", 1e6),
        ("十二万亿", 12e12),
        ("一万三千亿", 1.3e12),
        ("3千5百万", 35e6),
        ("2亿4560万", 245_600_000),
        ("1万2千", 12_000),
        ("4万余", 40_000),
        ("60多", 60),
        ("十余万", 100_000),
        ("十几", 10),
        ("第四", 4),
        ("三分之一", 1 / 3),
        ("1/4", 0.25),
        ("兩萬", 20_000),
    ],
)
def test_a_number_is_read_as_it_is_meant(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "abc", "几", "多", "二三十", "点五", "亿万", "五千千", "1.2.3", "三分之", "第", "1/0", "9" * 400, "亿" * 2000],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_number(text)


@given(st.integers(0, 10**12 - 1))
def test_every_chinese_numeral_reads_back(number: int) -> None:
    assert parse_number(chinese(number)) == number


@given(
    st.integers(0, 10**9),
    st.sampled_from([("", 0), ("万", 4), ("亿", 8), ("万亿", 12), ("百万", 6)]),
    st.integers(0, 3),
)
def test_a_multiplier_moves_the_point_and_nothing_else(digits: int, multiplier: tuple[str, int], decimals: int) -> None:
    mark, power = multiplier
    whole, rest = divmod(digits, 10**decimals)
    text = f"{whole}.{rest:0{decimals}d}" if decimals else str(whole)
    assert parse_number(text + mark) == float(f"{text}e{power}")


@given(st.integers(0, 10**12))
def test_thousands_separators_and_full_width_digits_change_nothing(number: int) -> None:
    written = f"{number:,}"
    wide = written.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789,"})
    assert parse_number(written) == parse_number(wide) == number


@given(st.text(max_size=12))
def test_any_text_gives_a_number_or_our_own_error(text: str) -> None:
    for read in (parse_number, parse_ratio, parse_percent, parse_growth):
        with contextlib.suppress(InputError):
            assert isinstance(read(text), float)


@given(st.text(alphabet="零一二两十百千万亿点半分之成倍翻番0123456789.,/:-第余%", max_size=10))
def test_any_heap_of_numeral_characters_gives_a_number_or_our_own_error(text: str) -> None:
    for read in (parse_number, parse_ratio, parse_percent, parse_growth):
        with contextlib.suppress(InputError):
            assert isinstance(read(text), float)


@pytest.mark.parametrize(("text", "ratio"), [("4.1∶1", 4.1), ("103.6：100", 1.036), ("3:2", 1.5), ("三比一", 3)])
def test_a_ratio_is_one_number(text: str, ratio: float) -> None:
    assert parse_ratio(text) == ratio


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("八成", 80),
        ("两成半", 25),
        ("四成五", 45),
        ("三分之一", 100 / 3),
        ("百分之五点六", 5.6),
        ("一半", 50),
        ("45.9%", 45.9),
        ("3‰", 0.3),
    ],
)
def test_a_share_is_told_in_percent(text: str, percent: float) -> None:
    assert parse_percent(text) == percent


@pytest.mark.parametrize(
    ("text", "percent"),
    [("2倍", 200), ("6.3倍", 630), ("一倍半", 150), ("翻一番", 100), ("翻两番", 300), ("翻了一番", 100), ("翻番", 100)],
)
def test_a_multiple_is_told_as_growth(text: str, percent: float) -> None:
    assert parse_growth(text) == percent


@pytest.mark.parametrize("text", ["翻九百番", "三", "倍", "2倍速"])
def test_what_is_no_multiple_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_growth(text)


@pytest.mark.parametrize("text", ["5", "五", "比", "1:0", "一成比"])
def test_what_is_no_ratio_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_ratio(text)
