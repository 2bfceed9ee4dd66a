"""Numbers as Chinese texts write them: `1012.9亿`, `两千`, `二十五点六`, `三分之一`, `八成`, `翻一番`, `4.1∶1`.

`parse_number` reads the number itself. What a number says of another one (a share, a multiple, a ratio) has a
function of its own, because the same words mean different amounts: 两倍 as growth is 200 %, as a level 2.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from bihuan.core.errors import InputError

_DIGITS = {
    **{c: i for i, c in enumerate("〇一二三四五六七八九")},
    **{c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")},
    "○": 0,
    "两": 2,
    "兩": 2,
    "貳": 2,
    "參": 3,
    "陸": 6,
}
_STEPS = {"十": 1, "拾": 1, "百": 2, "佰": 2, "千": 3, "仟": 3}
_GROUPS = {"万": 4, "萬": 4, "亿": 8, "億": 8}
_POWERS = {**_STEPS, **_GROUPS}

DIGIT = "".join(_DIGITS)
"""Every Chinese digit, for use inside a character class."""
MULTIPLIER = "(?:[十百亿億万萬]|千(?![瓦米克伏卡赫焦乏帕]))"
"""A power of ten behind a number; never the 千 that begins 千瓦, 千米, 千克 or 千伏."""
_D = r"[0-9\uff10-\uff19]"
ARABIC = rf"(?:(?:{_D}{{1,3}}(?:[,，]{_D}{{3}}(?!{_D}))+|{_D}+)(?:[.．]{_D}+)?)"
"""An Arabic number with or without thousands separators and a decimal part; a comma is one only between threes."""

_LONGEST = 40  # characters of a numeral written out; anything longer is damaged text
_MOST_DOUBLINGS = 20
_CLEAN = str.maketrans(
    {
        **{chr(0xFF10 + i): str(i) for i in range(10)},
        **dict(zip("．點－−＋∶：\uff0f", ".点--+::/", strict=True)),
        **dict.fromkeys(",，'’ \u00a0\u2009\u202f\u3000余餘多来來几幾", None),
    }
)
_FAST = re.compile(r"([+-]?\d+(?:\.\d+)?)([十百千万亿萬億]*)")
_FRACTION = re.compile(r"(.+)分之(.+)")
_DIGIT_OR_ARABIC = rf"(?:[{DIGIT}]|\d+(?:\.\d+)?)?"
_ZERO = "[零〇○]?"
_THOUSANDS = re.compile(
    rf"(?:(?P<thousands>{_DIGIT_OR_ARABIC})[千仟])?"
    rf"(?:{_ZERO}(?P<hundreds>{_DIGIT_OR_ARABIC})[百佰])?"
    rf"(?:{_ZERO}(?P<tens>{_DIGIT_OR_ARABIC})[十拾])?"
    rf"(?:{_ZERO}(?P<ones>[{DIGIT}]|\d+(?:\.\d+)?))?"
)


def parse_number(text: str) -> float:
    """Return the number that `text` writes, powers of ten folded in.

    Understood are Arabic digits (full width and thousands separators too), Chinese numerals, both mixed (`1.2万`,
    `3千5百万`), a leading 第 or sign, 半, `三分之一`, `1/3`; a marker inside (`4万余`, `十几`) is passed over.

    Raises:
        InputError: `text` is no number.
    """
    clean = text.strip().translate(_CLEAN)
    fast = _FAST.fullmatch(clean)
    if fast:
        power = sum(_POWERS[c] for c in fast[2])
        number = float(f"{fast[1]}e{power}" if power else fast[1])
        if number in (math.inf, -math.inf):
            raise _no_number(text)
        return number
    return float(_parse_slowly(clean.removeprefix("第"), text))


def parse_ratio(text: str) -> float:
    """Return N/M of a ratio `N∶M`, `N:M` or `N比M`.

    Raises:
        InputError: it is no ratio of two numbers, or the second one is zero.
    """
    first, mark, second = text.translate(_CLEAN).replace("比", ":").partition(":")
    if not mark:
        raise _no_number(text, "a ratio such as 4.1∶1")
    return _quotient(first, second, text)


def parse_percent(text: str) -> float:
    """Return in % the share that `八成`, `两成半`, `三分之一`, `百分之五点六`, `一半`, `45.9%` or `3‰` writes.

    Raises:
        InputError: it writes no share.
    """
    clean = text.strip().translate(_CLEAN)
    tenths, mark, rest = clean.partition("成")
    if mark:
        return 10 * parse_number(tenths) + (10 * parse_number(rest) if rest == "半" else parse_number(rest or "0"))
    fraction = _FRACTION.fullmatch(clean)
    if fraction:
        return _quotient(fraction[2], fraction[1], text, 100)
    if clean in ("半", "一半"):
        return 50.0
    for sign, scale in (("%", "e0"), ("％", "e0"), ("‰", "e-1")):
        if clean.endswith(sign):
            return float(Decimal(repr(parse_number(clean[:-1]))) * Decimal("1" + scale))
    raise _no_number(text, "a share such as 八成, 三分之一 or 45.9%")


def parse_growth(text: str) -> float:
    """Return in % the growth that a multiple writes: `2倍` is 200, `一倍半` 150, `翻一番` 100, `翻两番` 300.

    Raises:
        InputError: it writes no multiple.
    """
    clean = text.strip().translate(_CLEAN)
    doubled = re.fullmatch(r"翻(?:了)?(.*)番", clean)
    if doubled:
        times = parse_number(doubled[1] or "一")
        if times > _MOST_DOUBLINGS:
            raise _no_number(text, "a multiple such as 2倍 or 翻一番")
        return float(100 * (2**times - 1))
    multiple, mark, rest = clean.partition("倍")
    if not mark or rest not in ("", "半"):
        raise _no_number(text, "a multiple such as 2倍 or 翻一番")
    return float(Decimal(repr(parse_number(multiple))) * 100 + (50 if rest else 0))


def _parse_slowly(clean: str, text: str) -> Decimal:
    """Read what is no plain Arabic number: Chinese numerals, mixtures, fractions."""
    if clean in ("半", "一半"):
        return Decimal("0.5")
    if len(clean) > _LONGEST:
        raise _no_number(text)
    if clean[:1] in ("-", "+"):
        return _parse_slowly(clean[1:], text) * (-1 if clean[0] == "-" else 1)
    fraction = _FRACTION.fullmatch(clean) or re.fullmatch(r"(?P<second>.+)/(?P<first>.+)", clean)
    if fraction:
        first, second = (fraction[2], fraction[1]) if "分之" in clean else (fraction["second"], fraction["first"])
        return Decimal(repr(_quotient(first, second, text)))
    whole, point, decimals = clean.partition("点")
    if not point:
        return _whole(clean, text)
    digits, powers = _decimals(decimals, text)
    return (_whole(whole, text) + digits).scaleb(powers)


def _decimals(written: str, text: str) -> tuple[Decimal, int]:
    """Return what stands behind 点, as (the decimals, the powers of ten behind them): 点二五亿 is (0.25, 8)."""
    digits = written.rstrip("".join(_POWERS))
    if not digits or any(c not in _DIGITS and not c.isdecimal() for c in digits):
        raise _no_number(text)
    number = Decimal("0." + "".join(str(_DIGITS.get(c, c)) for c in digits))
    return number, sum(_POWERS[c] for c in written[len(digits) :])


def _whole(written: str, text: str) -> Decimal:
    """Read a whole numeral, or a mixture with Arabic numbers.

    亿 and then 万 multiply all that stands before them (十二万亿); digits alone stand in decimal places (二〇二三).
    """
    for marks, power in (("亿億", 8), ("万萬", 4)):
        at = max(written.rfind(mark) for mark in marks)
        if at >= 0:
            before = _whole(written[:at], text) if at else Decimal(1)
            return before.scaleb(power) + _rest(written[at + 1 :], power, text)
    if written and all(c in _DIGITS for c in written):
        return Decimal("".join(str(_DIGITS[c]) for c in written))
    return _below_ten_thousand(written, text)


def _rest(written: str, power: int, text: str) -> Decimal:
    """Read what stands behind a power of ten; a single digit right behind it counts the next lower one (两万五)."""
    if not written:
        return Decimal(0)
    if written[0] in _GROUPS:
        raise _no_number(text)
    number = _whole(written, text)
    return number.scaleb(power - 1) if written in _DIGITS and number else number


def _below_ten_thousand(written: str, text: str) -> Decimal:
    found = _THOUSANDS.fullmatch(written)
    if not found or not written:
        raise _no_number(text)
    total = Decimal(0)
    for name, power in (("thousands", 3), ("hundreds", 2), ("tens", 1)):
        if found[name] is not None:
            total += _digit(found[name] or "一").scaleb(power)
            last = power
    if found["ones"] is None:
        return total
    follows_directly = total and written[-2] in _STEPS
    return total + _digit(found["ones"]).scaleb(last - 1 if follows_directly and last > 1 else 0)


def _digit(written: str) -> Decimal:
    return Decimal(_DIGITS[written]) if written in _DIGITS else Decimal(written)


def _quotient(first: str, second: str, text: str, scale: int = 1) -> float:
    below = parse_number(second)
    if below == 0:
        raise InputError(f"'{text}' divides by zero; correct the number in the source or leave the row out")
    return scale * parse_number(first) / below


def _no_number(text: str, wanted: str = "a number such as 1012.9亿, 二十五点六 or 1,234") -> InputError:
    return InputError(f"'{text}' is not {wanted}; correct the text or leave the row out", key="no_number", text=text)
