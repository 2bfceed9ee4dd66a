"""Values and times as a reader writes them: 1012.9 亿元, +45.9 %, ≥ 4 万户, 2023年1–11月."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Protocol

from bihuan.show.language import Language

BEIJING = timezone(timedelta(hours=8), "UTC+08:00")
"""China has kept one zone without summer time since 1992; times are shown in it."""

BOUND_SIGNS = {"exact": "", "approx": "≈", "at_least": "≥", "at_most": "≤"}
UNSCALED_UNITS = frozenset({"%", "百分点", "位", "比", "成", ""})
SCALES = {"zh-CN": ((1e8, "亿"), (1e4, "万")), "en": ((1e9, "bn"), (1e6, "m"))}

PROTOCOLS = {"hj212": "HJ 212", "gb32960": "GB/T 32960", "mqtt": "MQTT"}
"""Device protocols as their standards are called, in both languages."""
NUMBER = re.compile(r"\d[\d.]*")
PERIOD = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


class Valued(Protocol):
    """What a value is shown from; a Statement or a stored row of one."""

    @property
    def value(self) -> float: ...  # noqa: D102
    @property
    def unit(self) -> str: ...  # noqa: D102
    @property
    def direction(self) -> str | None: ...  # noqa: D102
    @property
    def bound(self) -> str: ...  # noqa: D102


def plain_number(value: float) -> str:
    """Return a number without needless decimals, digits grouped: 1012.9, 19,610."""
    text = f"{round(value, 4):,.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def scaled(value: float, unit: str, language: Language) -> str:
    """Return number and unit, large numbers in 万 and 亿 (Chinese) or m and bn (English)."""
    if unit not in UNSCALED_UNITS:
        for size, name in SCALES[language]:
            if value >= size:
                return (
                    f"{plain_number(value / size)} {name}{unit}"
                    if language == "zh-CN"
                    else f"{plain_number(value / size)} {name} {unit}"
                )
    return f"{plain_number(value)} {unit}".rstrip()


def value_text(row: Valued, language: Language) -> str:
    """Return a statement's value with its bound and sign: `≥ 22 万台`, `+45.9 %`, `−3.2 %`."""
    sign = {"+": "+", "-": "−"}.get(row.direction or "", "")
    bound = BOUND_SIGNS.get(row.bound, "")
    return f"{bound} {sign}{scaled(row.value, row.unit, language)}".strip()


def period_text(period: str | None, language: Language) -> str:
    """Return an ISO period as a reader writes it: `2023` -> 2023年; `2023-01/2023-11` -> 2023年1月—2023年11月."""
    if not period:
        return ""
    parts = [_moment(part, language) for part in period.split("/")]
    return ("—" if language == "zh-CN" else " – ").join(parts)


def _moment(text: str, language: Language) -> str:
    found = PERIOD.fullmatch(text)
    if found is None or language == "en":
        return text
    year, month, day = found.groups()
    return f"{year}年" + (f"{int(month)}月" if month else "") + (f"{int(day)}日" if day else "")


def protocol_name(protocol: str) -> str:
    """Return what a device protocol is called."""
    return PROTOCOLS.get(protocol, protocol)


class Sourced(Protocol):
    """What a source is named from; a stored row of the ledger."""

    @property
    def document(self) -> str: ...  # noqa: D102
    @property
    def document_title(self) -> str | None: ...  # noqa: D102
    @property
    def document_year(self) -> int | None: ...  # noqa: D102


def source_text(row: Sourced) -> str:
    """Return the title of a row's document, else its file name; with the year, which most titles leave out."""
    return dated_title(row.document_title or row.document, row.document_year)


def dated_title(title: str, year: int | None) -> str:
    """Return a title with the year behind it, unless it names the year itself: 政府工作报告 · 2023."""
    return title if year is None or str(year) in title else f"{title} · {year}"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A sentence around what it is quoted for."""

    before: str
    hit: str
    """Empty where the quote does not stand in the sentence as it is shown."""
    after: str


def excerpt(sentence: str | None, quote: str, lead: int = 30) -> Excerpt:
    """Return a sentence cut at its quote, with at most `lead` characters before it, so that two lines show it.

    The sentence is restored and the quote raw: where they differ, the quote's number is looked for.
    """
    sentence = sentence or quote
    for wanted in (quote, *NUMBER.findall(quote)[:1]):
        at = sentence.find(wanted)
        if at >= 0:
            before = sentence[:at] if at <= lead else "…" + sentence[at - lead : at]
            return Excerpt(before, wanted, sentence[at + len(wanted) :])
    return Excerpt(sentence, "", "")


def time_text(moment: datetime) -> str:
    """Return a stored UTC time in Beijing time, to the second."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def minute_text(moment: datetime) -> str:
    """Return a stored UTC time in Beijing time, to the minute: due times have no seconds."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def left_text(left: timedelta, language: Language) -> str:
    """Return how much time is left, in its two largest units: 3 天 4 小时, 2 h 10 min."""
    minutes = max(0, int(left.total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    names = ("天", "小时", "分钟") if language == "zh-CN" else ("d", "h", "min")
    parts = [(days, names[0]), (hours, names[1])] if days else [(hours, names[1]), (minutes, names[2])]
    return " ".join(f"{amount} {name}" for amount, name in parts if amount) or f"0 {names[2]}"


def size_text(size_bytes: int) -> str:
    """Return a file size in the largest fitting binary unit: `12 KiB`."""
    size = float(size_bytes)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"
