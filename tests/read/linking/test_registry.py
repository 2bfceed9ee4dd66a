"""The shipped registry names one thing by one name, knows what reports usually speak of, and keeps to its city."""

from collections import defaultdict

import pytest

from bihuan.core.records.statement import Commitment
from bihuan.read.linking.names import indicator_key
from bihuan.read.linking.registry import Registry, name_projects
from bihuan.store.packs import load_pack

PACK = load_pack("yangquan")
REGISTRY = Registry.of(PACK)
# As reports and communiqués of any city word them.
USUAL = """
生产总值 一产增加值 规上工业增加值 规上工业企业利润总额 固定资产投资 民间投资 社零总额 外贸进出口总值 实际使用外资
地方一般公共预算收入 公共财政收入 税收占比 各项存款余额 城镇居民人均可支配收入 农村居民收入 城乡居民收入比 居民消费价格
城镇新增就业 城镇调查失业率 城镇登记失业率 粮食总产量 高标准农田 生猪存栏 农作物秸秆综合利用率 常住人口城镇化率
老旧小区改造 保障性租赁住房 新增停车位 高速公路通车里程 高铁里程 民用汽车保有量 全社会用电量 新型储能装机 能耗强度
细颗粒物 优良天数比率 国考断面优良水体比例 森林覆盖率 化学需氧量 研发投入强度 高新技术企业 瞪羚企业 技术合同成交额
万人发明专利拥有量 数字经济核心产业增加值占比 5G基站 市场主体总量 个体工商户 企业开办时间 旅游总收入 接待游客
每千人口执业医师数 婴儿死亡率 高等教育毛入学率 普惠性幼儿园覆盖率 护理型床位占比 生产安全事故起数
""".split()


def test_no_two_indicators_share_a_key() -> None:
    owners = defaultdict(set)
    for one in PACK.indicators:
        for name in (one.name, *one.aliases):
            owners[indicator_key(name)].add(one.id)
    assert {key: ids for key, ids in owners.items() if len(ids) > 1} == {}


@pytest.mark.parametrize("name", USUAL)
def test_usual_figures_are_known(name: str) -> None:
    assert REGISTRY.indicator(name) is not None


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("PM2.5浓度", "down"),
        ("城镇调查失业率", "down"),
        ("CPI", "down"),
        ("单位GDP能耗", "down"),
        ("城乡收入比", "down"),
        ("GDP", "up"),
    ],
)
def test_which_way_is_good(name: str, good: str) -> None:
    known = REGISTRY.indicator(name)
    assert known is not None
    assert known.good == good


def opening(object_: str) -> Commitment:
    return Commitment("a.txt", object_, 0, "开业", object_, "operating", "result", "2024", None, None)


def test_projects_of_the_pack_are_named_in_documents_of_its_city_only() -> None:
    named = {city: name_projects([opening("万达广场")], PACK, city)[0].canonical for city in ("阳泉市", "长沙市", None)}
    assert named == {"阳泉市": "wanda-plaza", "长沙市": None, None: "wanda-plaza"}


def test_a_later_phase_is_another_project() -> None:
    assert [p.id for p in REGISTRY.projects_in("推动多氟多六氟磷酸锂二期")] == ["dfd-lipf6-2"]
    assert REGISTRY.projects_in("青于蓝储能项目二期") == []
