"""Units and quantities: what reports measure and count with, and how one converts into another.

`canonical_unit` gives a unit the one name that records use; only numeric multipliers are folded (`万千瓦` is 10,000
千瓦), 公里, 斤 and 亩 are kept as written. `convert` changes between units of one dimension and refuses the rest.
Factors are exact by definition: GB 3100-1993 and GB 3102 for the legal units, 1 亩 = 2000/3 m² and 1 斤 = 500 g by the
State Council's order on legal units (1984-02-27), 1 kg standard coal = 29,307.6 kJ by GB/T 2589-2020 (kept apart
from energy, because equivalent and equal value differ).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from bihuan.core.errors import UnitError

_COUNT = "count of "


@dataclass(frozen=True, slots=True)
class Unit:
    """What a number counts or measures."""

    name: str
    """Canonical, simplified Chinese, as it stands in `Statement.unit`."""
    dimension: str
    """Units of one dimension convert into each other: `power`, `energy`, `count of households (户)`."""
    factor: float
    """How many of the dimension's base unit one of this unit is."""
    english: str
    """Symbol or name on English pages: kW, households."""
    aliases: tuple[str, ...] = ()
    """Other spellings of the same unit, in simplified characters."""

    @property
    def is_classifier(self) -> bool:
        """Return whether it counts things (家, 户, 座) rather than measures an amount."""
        return self.dimension.startswith(_COUNT)


def _measured(dimension: str, *rows: tuple[str, float, str, str]) -> list[Unit]:
    """Return the units of one dimension from (name, factor, English, aliases apart by a space)."""
    return [Unit(name, dimension, factor, english, tuple(aliases.split())) for name, factor, english, aliases in rows]


def _counted(rows: str) -> list[Unit]:
    """Return classifiers from lines `name English [= aliases]`; none converts into another."""
    units = []
    for row in rows.strip().splitlines():
        head, _, aliases = row.partition("=")
        name, _, english = head.strip().partition(" ")
        units.append(Unit(name, f"{_COUNT}{english} ({name})", 1, english, tuple(aliases.split())))
    return units


_MU = 2000 / 3  # 亩 in m²

UNITS: tuple[Unit, ...] = (
    *_measured("money", ("元", 1, "CNY", "元人民币")),
    *_measured("money in US dollars", ("美元", 1, "USD", "美金")),
    *_measured("money in euros", ("欧元", 1, "EUR", "")),
    *_measured("money in Hong Kong dollars", ("港元", 1, "HKD", "港币")),
    *_measured(
        "power",
        ("千瓦", 1, "kW", "kW KW kw"),
        ("瓦", 0.001, "W", ""),
        ("兆瓦", 1e3, "MW", "MW"),
        ("吉瓦", 1e6, "GW", "GW"),
    ),
    *_measured("apparent power", ("千伏安", 1, "kVA", "kVA"), ("兆伏安", 1e3, "MVA", "MVA")),
    *_measured(
        "energy",
        ("千瓦时", 1, "kWh", "千瓦小时 kWh KWh kwh"),
        ("度", 1, "kWh", "度电"),
        ("兆瓦时", 1e3, "MWh", "MWh"),
        ("吉瓦时", 1e6, "GWh", "GWh"),
        ("千焦", 1 / 3600, "kJ", "kJ"),
        ("兆焦", 1 / 3.6, "MJ", "MJ"),
        ("吉焦", 1 / 0.0036, "GJ", "GJ 百万千焦"),
        ("太焦", 1 / 0.0000036, "TJ", "TJ"),
        ("千卡", 4.1868 / 3600, "kcal", "大卡 kcal"),
    ),
    *_measured(
        "standard coal",
        ("吨标准煤", 1, "tce", "吨标煤 tce"),
        ("千克标准煤", 1e-3, "kgce", "公斤标准煤 kgce"),
        ("克标准煤", 1e-6, "gce", "克标煤 gce"),
    ),
    *_measured(
        "mass",
        ("吨", 1, "t", "t 公吨"),
        ("千克", 1e-3, "kg", "kg KG"),
        ("公斤", 1e-3, "kg", ""),
        ("斤", 5e-4, "jin (500 g)", "市斤"),
        ("克", 1e-6, "g", ""),
        ("毫克", 1e-9, "mg", "mg"),
        ("微克", 1e-12, "µg", "μg µg ug"),
    ),
    *_measured("carbon dioxide", ("吨二氧化碳", 1, "tCO2", "吨二氧化碳当量 tCO2 tCO2e")),
    *_measured(
        "length",
        ("米", 1, "m", "m 延米"),
        ("公里", 1e3, "km", ""),
        ("千米", 1e3, "km", "km KM"),
        ("里", 500, "li (500 m)", "华里"),
        ("海里", 1852, "nautical miles", ""),
        ("厘米", 0.01, "cm", "公分 cm"),
        ("毫米", 0.001, "mm", "mm"),
        ("微米", 1e-6, "µm", "μm µm"),
    ),
    *_measured(
        "area",
        ("平方米", 1, "m²", "平米 ㎡ m² m2"),
        ("平方公里", 1e6, "km²", "km² km2"),
        ("平方千米", 1e6, "km²", ""),
        ("亩", _MU, "mu (1/15 ha)", ""),
        ("公顷", 1e4, "ha", "hm²"),
    ),
    *_measured(
        "volume",
        ("立方米", 1, "m³", "立方 m³ m3"),
        ("方", 1, "m³", ""),
        ("升", 0.001, "L", "公升"),
        ("毫升", 1e-6, "mL", "mL ml"),
        ("立方千米", 1e9, "km³", "立方公里"),
    ),
    *_measured("gas volume at standard conditions", ("标准立方米", 1, "Nm³", "标方 标立方米 Nm³ Nm3")),
    *_measured("voltage", ("千伏", 1, "kV", "kV KV kv"), ("伏", 0.001, "V", "")),
    *_measured("current", ("安", 1, "A", "安培"), ("毫安", 0.001, "mA", "")),
    *_measured(
        "time",
        ("天", 1, "days", "个自然日"),
        ("周", 7, "weeks", "星期 个星期 礼拜"),
        ("小时", 1 / 24, "hours", "个小时 h"),
        ("分钟", 1 / 1440, "minutes", "min"),
        ("秒", 1 / 86400, "seconds", "秒钟"),
        ("毫秒", 1 / 86400000, "ms", "ms"),
    ),
    *_measured("working time", ("工作日", 1, "working days", "个工作日 工作天")),
    *_measured(
        "calendar time", ("个月", 1, "months", ""), ("年", 12, "years", "周年"), ("季度", 3, "quarters", "个季度")
    ),
    *_measured("age", ("岁", 1, "years of age", "周岁")),
    *_measured("share", ("%", 1, "%", "％ percent"), ("‰", 0.1, "‰", "")),
    *_measured(
        "difference of shares",
        ("百分点", 1, "percentage points", "个百分点 pct"),
        ("千分点", 0.1, "per-mille points", "个千分点"),
        ("基点", 0.01, "basis points", "个基点"),
    ),
    *_measured("multiple", ("倍", 1, "times", "")),
    *_measured("ratio", ("比", 1, "ratio", "")),
    *_measured("index", ("", 1, "", "")),
    *_measured("rank", ("位", 1, "place", "")),
    *_measured("score", ("分", 1, "points", "")),
    *_measured("persons", ("人", 1, "persons", "名 口人")),
    *_measured("visits", ("人次", 1, "person-times", "人（次） 人(次)")),
    *_measured("steam", ("蒸吨", 1, "t/h of steam", "蒸吨/小时")),
    *_measured(
        "overnight stays",
        ("人天", 1, "person-days", ""),
    ),
    *_measured("freight turnover", ("吨公里", 1, "tonne-km", "吨千米")),
    *_measured("passenger turnover", ("人公里", 1, "passenger-km", "人千米")),
    *_measured("containers", ("标箱", 1, "TEU", "标准箱 个标箱 个标准箱 TEU")),
    *_measured(
        "temperature",
        ("摄氏度", 1, "°C", "℃ °C"),
    ),
    *_measured("sound level", ("分贝", 1, "dB", "dB")),
    *_measured("pressure", ("兆帕", 1e6, "MPa", "MPa"), ("千帕", 1e3, "kPa", "kPa")),
    *_measured("data", ("GB", 1, "GB", ""), ("TB", 1e3, "TB", ""), ("PB", 1e6, "PB", ""), ("EB", 1e9, "EB", "")),
    *_measured("data rate", ("Mbps", 1, "Mbit/s", "兆"), ("Gbps", 1e3, "Gbit/s", ""), ("Tbps", 1e6, "Tbit/s", "")),
    *_measured(
        "computing power",
        ("TFLOPS", 1e-3, "TFLOPS", "TFlops"),
        ("PFLOPS", 1, "PFLOPS", "PFlops PFlop/s P"),
        ("EFLOPS", 1e3, "EFLOPS", "EFlops EFlop/s"),
    ),
    *_counted(
        """
个 things
家 firms
户 households
座 sites
所 schools
件 items
条 lines
台 machines
台套 machine sets = 台（套） 台(套)
处 places
项 projects
种 kinds
类 classes
辆 vehicles
辆次 vehicle-times
套 sets
张 sheets
场 events
场次 performances
次 times
栋 buildings
幢 buildings
枚 pieces
批 batches
批次 lots
门 gates
片 tracts
支 teams
对 pairs
组 groups
间 rooms
艘 ships
架 aircraft
架次 flights
眼 wells
口 openings
头 head of cattle
只 animals
羽 poultry
匹 horses
尾 fish
株 plants
棵 trees
根 poles
盏 lamps
册 volumes
本 books
部 works
篇 papers
幅 pictures
首 songs
集 episodes
期 issues
份 copies
封 letters
例 cases
起 incidents
宗 parcels
笔 transactions
单 orders
款 products
块 plots
层 storeys
段 sections
列 trains
趟 trips
班 classes of pupils
班次 services
站 stations
床 beds
亩次 mu-times
户次 household-times
件次 item-times
车次 train numbers
顶 tents
孔 arches
剂 doses
剂次 doses given
瓶 bottles
箱 boxes
袋 bags
席 seats
家次 firm-times
航次 voyages
艘次 ship calls
列次 train runs
项次 item-runs
间夜 room-nights
重量箱 weight cases of glass
课时 class hours = 学时
"""
    ),
)
"""Every unit known; `tests/core/test_quantity.py` asks for a worked example of each."""

_SIMPLIFIED = str.maketrans(
    "個箇戶條臺檯處項種類輛張場門對組間頭隻盞冊筆單塊層頂畝噸頃萬億裏標時點歲週棟鐘貝點華課學電準",
    "个个户条台台处项种类辆张场门对组间头只盏册笔单块层顶亩吨顷万亿里标时点岁周栋钟贝点华课学电准",
)
_MULTIPLIERS = {"十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8, "十万": 1e5, "百万": 1e6, "千万": 1e7}
_MULTIPLIERS |= {"十亿": 1e9, "百亿": 1e10, "千亿": 1e11, "万亿": 1e12}
_BY_SPELLING = {spelling: unit for unit in UNITS for spelling in (unit.name, *unit.aliases) if spelling}
# Below the line 日, 月 and 时 are units; elsewhere they are dates (3日).
_PER = {"seconds": "s", "minutes": "min", "hours": "h", "days": "d"}
"""English of a unit of time below a line."""
_BELOW = {"日": _BY_SPELLING["天"], "月": _BY_SPELLING["个月"], "时": _BY_SPELLING["小时"]}
_LATIN_END = "(?![A-Za-z0-9])"
UNIT = "(?:{})".format(
    "|".join(
        re.escape(spelling) + (_LATIN_END if spelling[-1].isascii() and spelling[-1].isalnum() else "")
        for spelling in sorted(_BY_SPELLING, key=len, reverse=True)
    )
)
"""Regular expression of one unit in restored text, the longest spelling first, without a numeric multiplier."""
_PER_WORD = "每(?:立方米|平方米|平方公里|千瓦时|公里|升|吨|千克|公斤|亩|公顷|秒)"
COMPOUND_UNIT = f"{UNIT}(?:/万?(?:{UNIT}|[日月时])|{_PER_WORD})?"
"""The same, with what it is counted per: 微克/立方米, 元每吨, 吨标准煤/万元, 立方米/日."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount with its unit."""

    value: float
    unit: str
    """Canonical name; empty for an index."""

    def to(self, unit: str) -> Quantity:
        """Return the same amount in another unit of its dimension.

        Raises:
            UnitError: the two units measure different things.
        """
        return Quantity(convert(self.value, self.unit, unit), canonical_unit(unit))

    def __str__(self) -> str:
        return format_value(self.value) + self.unit


def canonical_unit(text: str) -> str:
    """Return the one name of a unit: 臺 → 台, 名 → 人, kW → 千瓦, 个百分点 → 百分点, 微克每立方米 → 微克/立方米.

    Raises:
        UnitError: the unit is unknown, or `text` carries a multiplier (万千瓦), which belongs to the number.
    """
    multiplier, unit = read_unit(text)
    if multiplier != 1:
        raise UnitError(f"'{text}' is {multiplier:,.0f} {unit.name}; fold the multiplier into the number (read_unit)")
    return unit.name


@lru_cache(maxsize=4096)
def read_unit(text: str) -> tuple[float, Unit]:
    """Return (multiplier, unit) of a unit as a table's head or a text writes it: 亿千瓦时 is (1e8, 千瓦时).

    Raises:
        UnitError: the unit is unknown.
    """
    plain = text.strip().translate(_SIMPLIFIED)
    if not plain:
        return 1.0, _INDEX
    above, mark, below = plain.replace("每", "/").partition("/")
    multiplier, unit = _read_simple(above, text)
    if not mark:
        return multiplier, unit
    scale, per = (1.0, _BELOW[below]) if below in _BELOW else _read_simple(below, text)
    name = f"{unit.name}/{below if below in _BELOW or scale != 1 else per.name}"
    dimension = f"{unit.dimension} per {per.dimension}"
    english = f"{unit.english}/{_PER.get(per.english, per.english)}"
    return multiplier, Unit(name, dimension, unit.factor / per.factor / scale, english)


def convert(value: float, unit: str, to: str) -> float:
    """Return `value` counted in the unit `to`; both may carry a multiplier (万千瓦时 → 亿千瓦时).

    Raises:
        UnitError: a unit is unknown, or the two measure different things.
    """
    multiplier, source = read_unit(unit)
    divisor, target = read_unit(to)
    if source.dimension != target.dimension:
        raise UnitError(_mismatch(unit, source, target), key="unit_mismatch", unit=unit, wanted=to)
    if source.factor == target.factor:
        return value * (multiplier / divisor) if multiplier >= divisor else value / (divisor / multiplier)
    return value * multiplier * source.factor / target.factor / divisor


def units_of(dimension: str) -> tuple[Unit, ...]:
    """Return the units that convert into each other, in the order of the table."""
    return tuple(unit for unit in UNITS if unit.dimension == dimension)


def format_value(value: float, decimals: int | None = None) -> str:
    """Return a number as a Chinese page writes it, in the shortest of plain, 万, 亿 and 万亿: 1012.9亿, 19610, 2.4万.

    Args:
        value: the number.
        decimals: so many behind the point where the full number is long; None keeps every digit, so that
            `parse_number` gives it back.
    """
    exact = Decimal(repr(value))
    scaled = [(exact / power, mark) for power, mark in _MARKS if abs(exact) >= power or not mark]
    shortest = min((_plain(number) + mark for number, mark in scaled), key=len)
    if decimals is None or len(shortest) <= _SHORT:
        return shortest
    number, mark = scaled[0]
    return _plain(round(number, decimals)) + mark


_MARKS = ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1, ""))
_SHORT = 8  # characters that need no rounding


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_INDEX = next(unit for unit in UNITS if unit.dimension == "index")


def _read_simple(plain: str, text: str) -> tuple[float, Unit]:
    """Return (multiplier, unit) of a unit without 每."""
    plain = plain.strip()
    unit = _BY_SPELLING.get(plain)
    if unit:
        return 1.0, unit
    for length in (2, 1):
        multiplier, unit = _MULTIPLIERS.get(plain[:length]), _BY_SPELLING.get(plain[length:])
        if multiplier and unit:
            return multiplier, unit
    raise UnitError(
        f"'{text}' is no unit known here; correct it, or add it to the table in core/quantity.py with a worked example",
        key="unknown_unit",
        unit=text,
    )


def _mismatch(text: str, source: Unit, target: Unit) -> str:
    wanted = _names(units_of(target.dimension)) or target.name
    return (
        f"'{text}' is a unit of {source.dimension}, but {target.dimension} is asked for here ({wanted}). "
        f"If the source means {target.dimension}, correct the statement; if not, read it as {source.dimension}."
    )


def _names(units: Iterable[Unit]) -> str:
    return ", ".join(unit.name for unit in units)
