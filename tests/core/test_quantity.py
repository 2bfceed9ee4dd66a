import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.errors import UnitError
from bihuan.core.numerals import parse_number
from bihuan.core.quantity import (
    COMPOUND_UNIT,
    UNIT,
    UNITS,
    Quantity,
    Unit,
    canonical_unit,
    convert,
    format_value,
    read_unit,
    units_of,
)

# One worked example a measure: so much of it is so much of another unit of its dimension (of itself, where it is the
# only one; the index has no unit, "-"). Classifiers convert into nothing; each has a thing it counts further down.
WORKED_TEXT = """
1 元 = 1e-08 亿元; 2 美元 = 2 美元; 2 欧元 = 2 欧元; 2 港元 = 2 港元; 2.218e+06 千瓦 = 221.8 万千瓦;
1500 瓦 = 1.5 千瓦; 300 兆瓦 = 30 万千瓦; 1 吉瓦 = 1000 兆瓦; 5000 千伏安 = 5 兆伏安; 1 兆伏安 = 1000 千伏安;
2.625e+10 千瓦时 = 262.5 亿千瓦时; 3 度 = 3 千瓦时; 2 兆瓦时 = 2000 千瓦时; 1 吉瓦时 = 100 万千瓦时;
3600 千焦 = 1 千瓦时; 3.6 兆焦 = 1 千瓦时; 1 吉焦 = 1000 兆焦; 3.6 太焦 = 1 吉瓦时; 1 千卡 = 4.1868 千焦;
1 吨标准煤 = 1000 千克标准煤; 1 千克标准煤 = 1000 克标准煤; 300 克标准煤 = 0.3 千克标准煤; 1 吨 = 1000 公斤;
1 千克 = 1000 克; 1 公斤 = 2 斤; 4.7e+08 斤 = 23.5 万吨; 1 克 = 1000 毫克; 1 毫克 = 1000 微克; 1e+06 微克 = 1 克;
1 吨二氧化碳 = 1 吨二氧化碳; 1500 米 = 1.5 公里; 2 公里 = 4 里; 1 千米 = 1 公里; 2 里 = 1 公里; 1 海里 = 1852 米;
1 厘米 = 10 毫米; 1 毫米 = 1000 微米; 1 微米 = 0.001 毫米; 2000 平方米 = 3 亩; 1 平方公里 = 100 公顷;
1 平方千米 = 1 平方公里; 15 亩 = 1 公顷; 1 公顷 = 15 亩; 1 立方米 = 1000 升; 1 方 = 1 立方米; 1 升 = 1000 毫升;
1000 毫升 = 1 升; 1 立方千米 = 10 亿立方米; 10000 标准立方米 = 1 万标准立方米; 0.4 千伏 = 400 伏;
220 伏 = 0.22 千伏; 1 安 = 1000 毫安; 500 毫安 = 0.5 安; 1 天 = 24 小时; 2 周 = 14 天; 1 小时 = 60 分钟;
1 分钟 = 60 秒; 1 秒 = 1000 毫秒; 1000 毫秒 = 1 秒; 5 工作日 = 5 工作日; 12 个月 = 1 年; 1 年 = 4 季度;
1 季度 = 3 个月; 60 岁 = 60 岁; 1 % = 10 ‰; 5 ‰ = 0.5 %; 1 百分点 = 10 千分点; 10 千分点 = 1 百分点;
25 基点 = 0.25 百分点; 35 蒸吨 = 35 蒸吨; 2 人天 = 2 人天;
2 倍 = 2 倍; 4.1 比 = 4.1 比; 1.2 - = 1.2 -; 4 位 = 4 位; 90 分 = 90 分; 14000 人 = 1.4 万人;
3e+06 人次 = 300 万人次; 1e+08 吨公里 = 1 亿吨公里; 1e+08 人公里 = 1 亿人公里; 10000 标箱 = 1 万标箱;
20 摄氏度 = 20 摄氏度; 55 分贝 = 55 分贝; 1 兆帕 = 1000 千帕; 1 千帕 = 0.001 兆帕; 1000 GB = 1 TB;
1 TB = 1000 GB; 1 PB = 1000 TB; 1 EB = 1000 PB; 1000 Mbps = 1 Gbps; 1 Gbps = 1000 Mbps; 1 Tbps = 1000 Gbps;
1000 TFLOPS = 1 PFLOPS; 1 PFLOPS = 1000 TFLOPS; 1 EFLOPS = 1000 PFLOPS
"""
WORKED = [
    (float(value), unit.strip("-"), float(expected), to.strip("-"))
    for value, unit, expected, to in re.findall(r"(\S+) (\S+) = (\S+) ([^\s;]+)", WORKED_TEXT)
]
COUNTED_TEXT = """
个园区 家企业 户居民 座煤矿 所学校 件实事 条河流 台机器 台套设备 处景点 项改革 种药品 类事项 辆公交车 辆次车辆
套住房 张床位 场招聘会 场次演出 次巡查 栋楼 幢楼 枚奖牌 批货物 批次样品 门课程 片林地 支队伍 对列车 组机组 间教室
艘船 架飞机 架次航班 眼机井 口井 头牛 只羊 羽鸡 匹马 尾鱼 株树苗 棵树 根电杆 盏路灯 册图书 本证书 部作品 篇论文
幅画 首歌曲 集节目 期简报 份合同 封信 例手术 起案件 宗土地 笔贷款 单订单 款产品 块地 层楼 段道路 列班列 趟班车
班次客车 班学生 站台 床位 亩次灌溉 户次家庭 件次文书 车次列车 顶帐篷 孔桥洞 课时课程
剂疫苗 剂次疫苗 瓶水 箱水果 袋米 席话务 家次企业 航次航班 艘次货轮 列次班列 项次服务 间夜客房 重量箱玻璃
"""
COUNTED = COUNTED_TEXT.split()
CLASSIFIERS = [unit for unit in UNITS if unit.is_classifier]


def test_every_measure_has_a_worked_example() -> None:
    assert {unit.name for unit in UNITS if not unit.is_classifier} == {unit for _, unit, _, _ in WORKED}


@pytest.mark.parametrize(("value", "unit", "expected", "to"), WORKED)
def test_the_worked_example_holds(value: float, unit: str, expected: float, to: str) -> None:
    assert convert(value, unit, to) == pytest.approx(expected, rel=1e-12)


def test_every_classifier_has_something_it_counts() -> None:
    found = {re.match(UNIT, phrase) for phrase in COUNTED}
    assert {match[0] for match in found if match} == {unit.name for unit in CLASSIFIERS}


def test_no_spelling_means_two_units() -> None:
    spellings = [spelling for unit in UNITS for spelling in (unit.name, *unit.aliases)]
    assert len(spellings) == len(set(spellings))


@given(st.sampled_from(UNITS), st.sampled_from(UNITS), st.floats(1e-6, 1e12))
def test_units_convert_there_and_back_or_not_at_all(unit: Unit, other: Unit, value: float) -> None:
    if unit.dimension != other.dimension:
        with pytest.raises(UnitError, match="is asked for here"):
            convert(value, unit.name, other.name)
    else:
        assert convert(convert(value, unit.name, other.name), other.name, unit.name) == pytest.approx(value)


@given(st.sampled_from(UNITS), st.sampled_from([("万", 1e4), ("亿", 1e8), ("百万", 1e6), ("万亿", 1e12)]))
def test_a_written_multiplier_scales(unit: Unit, multiplier: tuple[str, float]) -> None:
    mark, factor = multiplier
    if unit.name and not unit.name.startswith(tuple("十百千万亿")):
        assert read_unit(mark + unit.name) == (factor, unit)


ONE_NAME = """
臺=台 個百分點=百分点 个百分点=百分点 名=人 畝=亩 kW=千瓦 ％=% ㎡=平方米 吨标煤=吨标准煤 公里=公里 斤=斤 千瓦小时=千瓦时
微克每立方米=微克/立方米 毫克/升=毫克/升 吨标准煤/万元=吨标准煤/万元 元/吨=元/吨
立方米/日=立方米/日 元/月=元/月 吨/秒=吨/秒 台（套）=台套
"""


@pytest.mark.parametrize("pair", ONE_NAME.split())
def test_one_name_for_each_unit(pair: str) -> None:
    written, name = pair.split("=")
    assert canonical_unit(written) == name


def test_a_multiplier_belongs_to_the_number() -> None:
    with pytest.raises(UnitError, match="multiplier"):
        canonical_unit("億千瓦時")


def test_a_mismatch_says_what_was_seen_what_is_asked_for_and_the_way_out() -> None:
    with pytest.raises(UnitError) as caught:
        convert(1, "万千瓦", "千瓦时")
    wanted = "千瓦时, 度, 兆瓦时, 吉瓦时, 千焦, 兆焦, 吉焦, 太焦, 千卡"
    assert caught.value.message == (
        f"'万千瓦' is a unit of power, but energy is asked for here ({wanted}). "
        "If the source means energy, correct the statement; if not, read it as power."
    )


def test_standard_coal_is_not_quietly_turned_into_energy() -> None:
    with pytest.raises(UnitError):
        convert(1, "吨标准煤", "吉焦")


def test_an_unknown_unit_is_named() -> None:
    with pytest.raises(UnitError, match="光年"):
        convert(1, "光年", "米")


def test_a_rate_per_something_converts_by_both_of_its_units() -> None:
    assert convert(1, "千克/亩", "吨/公顷") == pytest.approx(0.015)
    assert convert(0.5, "吨标准煤/万元", "千克标准煤/元") == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (101_290_000_000, "1012.9亿"),
        (19_610, "19610"),
        (24_000, "2.4万"),
        (1.5e12, "1.5万亿"),
        (12_341, "12341"),
        (45.9, "45.9"),
        (0, "0"),
        (-3e8, "-3亿"),
    ],
)
def test_numbers_are_written_the_way_reports_write_them(value: float, written: str) -> None:
    assert format_value(value) == written


def test_long_numbers_are_rounded_where_asked() -> None:
    assert format_value(100 / 3, 2) == "33.33"
    assert format_value(101_291_234_567.89, 2) == "1012.91亿"
    assert format_value(19_610, 1) == "19610"


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_a_written_number_reads_back(value: float) -> None:
    assert parse_number(format_value(value)) == value


def test_a_quantity_is_written_with_its_unit_and_converts() -> None:
    output = Quantity(262.5e8, "千瓦时")
    assert str(output) == "262.5亿千瓦时"
    assert str(output.to("吉焦")) == "9450万吉焦"


def test_a_pattern_takes_the_longest_unit() -> None:
    assert [re.match(UNIT, text)[0] for text in ("千瓦时以上", "平方公里", "个百分点", "人次", "吨标准煤")] == [  # type: ignore[index]
        "千瓦时", "平方公里", "个百分点", "人次", "吨标准煤",
    ]  # fmt: skip
    assert re.match(UNIT, "kWx") is None
    assert re.match(COMPOUND_UNIT, "微克/立方米以下")[0] == "微克/立方米"  # type: ignore[index]
    assert re.match(COMPOUND_UNIT, "立方米/日的水厂")[0] == "立方米/日"  # type: ignore[index]
    assert re.match(COMPOUND_UNIT, "座每年可处理")[0] == "座"  # type: ignore[index]


def test_units_of_one_dimension_are_listed_in_order() -> None:
    assert [unit.name for unit in units_of("share")] == ["%", "‰"]


def test_the_manual_has_a_row_for_each_unit() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/units.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")]
    described = {tuple(row[:3]) for row in rows}
    assert described >= {(unit.name or "(none)", unit.english, "、".join(unit.aliases)) for unit in UNITS}
