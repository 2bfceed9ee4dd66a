"""When two wordings are one indicator or one project, and when they only look alike."""

import pytest

from bihuan.read.linking.names import indicator_key, project_key, project_names

SAME_FIGURE = [
    ("地区生产总值", "全市生产总值"),
    ("地区生产总值", "GDP"),
    ("规模以上工业增加值", "规上工业增加值增速"),
    ("限额以上消费品零售额", "限上消费品零售额"),
    ("固定资产投资", "固定资产投资（不含农户）"),
    ("固定资产投资", "固定资产投资(不含农户"),
    ("优良天数比例", "优良天数比率"),
    ("税收占比", "税收比重"),
    ("研究与试验发展经费", "R&D经费"),
    ("改造老旧小区", "老旧小区改造"),
    ("市场主体总量", "经营主体总数"),
    ("地区生产总值增长目标", "地区生产总值预期"),
    ("“四好农村路”", "四好农村路"),
    ("战新产业产值", "战略性新兴产业产值"),
]
OTHER_FIGURE = [
    ("新兴产业增加值", "战略性新兴产业增加值"),
    ("城镇登记失业率", "城镇调查失业率"),
    ("城镇居民人均可支配收入", "农村居民人均可支配收入"),
    ("规上工业增加值", "规上工业企业利润"),
    ("规上工业增加值", "工业增加值"),
    ("固定资产投资", "工业投资"),
    ("高新技术企业", "新增高新技术企业"),
    ("养老床位", "新增养老床位"),
    ("一般公共预算收入", "一般公共预算支出"),
    ("每万人口高价值发明专利拥有量", "每万人口发明专利拥有量"),
    ("煤炭先进产能占比", "洗选煤先进产能占比"),
]


@pytest.mark.parametrize(("one", "other"), SAME_FIGURE)
def test_wordings_of_one_figure(one: str, other: str) -> None:
    assert indicator_key(one) == indicator_key(other)


@pytest.mark.parametrize(("one", "other"), OTHER_FIGURE)
def test_figures_that_only_look_alike(one: str, other: str) -> None:
    assert indicator_key(one) != indicator_key(other)


SAME_PROJECT = [
    ("江州南港作业区一期", "南港作业区"),
    ("临江高速公路改扩建工程", "临江高速改扩建"),
    ("西坪抽水蓄能电站", "西坪抽水蓄能电站项目前期工作"),
    ("西坪抽水蓄能电站", "西坪抽水蓄能电站可研批复"),
    ("云河水库蓄水验收", "云河水库工程"),
    ("“江畔1921”文创园", "江畔1921文创园"),
    ("市妇女儿童医院新院区", "江州市妇女儿童医院新院区"),
]
OTHER_PROJECT = [
    ("绿能锂电项目", "绿能锂电项目二期"),
    ("绿能锂电二期", "绿能锂电三期"),
    ("东山煤矿", "东山电厂"),
    ("华通现代物流港", "中源商贸物流港"),
    ("产业技术研究院", "数字经济产业研究院"),
    ("环城北路", "环城南路"),
]


@pytest.mark.parametrize(("one", "other"), SAME_PROJECT)
def test_wordings_of_one_project(one: str, other: str) -> None:
    assert project_key(one, "江州") == project_key(other, "江州") is not None


@pytest.mark.parametrize(("one", "other"), OTHER_PROJECT)
def test_projects_that_only_look_alike(one: str, other: str) -> None:
    assert project_key(one, "江州") != project_key(other, "江州")


@pytest.mark.parametrize("name", ["重点项目", "图书馆", "道路", "一批产业项目", "医院", "产业园"])
def test_a_sort_of_thing_is_no_project(name: str) -> None:
    assert project_key(name, "江州") is None


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ("海川产业园、天成装备等项目", ["海川产业园", "天成装备"]),
        ("智慧水务平台", ["智慧水务平台"]),
        ("国道3、5线绕城改线", ["国道3、5线绕城改线"]),
        ("甲县医院以及乙县医院", ["甲县医院", "乙县医院"]),
    ],
)
def test_a_list_is_taken_apart(listed: str, names: list[str]) -> None:
    assert project_names(listed) == names
