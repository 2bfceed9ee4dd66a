from pathlib import Path

import pytest

from bihuan.core.errors import PackError
from bihuan.store.packs import default_pack, load_pack, new_pack, shipped_packs

CITY = """
name: 甲市
short: 甲
english: Jia
province: 乙省
code: 010203
districts:
  - {name: 丙县, english: Bing County, kind: county, aliases: [丙]}
development_zones:
  - {name: 甲开发区, english: Jia Zone, aliases: []}
"""
INDICATOR = """
- id: gdp
  name: 地区生产总值
  english: Gross regional product
  aliases: [GDP, 生产总值]
  unit: 元
  good: up
  source: 统计局
"""
PROJECT = """
- {id: hospital, name: 中心医院, aliases: [], district: 丙县, source: 报告}
- {id: road, name: 环城路, aliases: [], district: null, source: 报告}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small, sound pack."""
    (tmp_path / "city.yaml").write_text(CITY, encoding="utf-8")
    (tmp_path / "indicators.yaml").write_text(INDICATOR, encoding="utf-8")
    (tmp_path / "projects.yaml").write_text(PROJECT, encoding="utf-8")
    return tmp_path


def faults(folder: Path) -> list[str]:
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    return caught.value.message.split("\n  ")[1:]


def test_a_sound_pack_is_read_whole(folder: Path) -> None:
    (folder / "documents").mkdir()
    for name in ("b.txt", "a.docx", "README.md", ".hidden"):
        (folder / "documents" / name).write_text("x", encoding="utf-8")
    pack = load_pack(folder)
    assert (pack.city.name, pack.city.code) == ("甲市", "010203")
    assert [(place.name, place.kind) for place in pack.city.places] == [
        ("丙县", "county"),
        ("甲开发区", "development_zone"),
    ]
    assert pack.city.place_of["丙"].name == "丙县"
    assert pack.indicators[0].aliases == ("GDP", "生产总值")
    assert [project.district for project in pack.projects] == ["丙县", None]
    assert [path.name for path in pack.documents] == ["a.docx", "b.txt"]


def test_only_the_city_is_needed(folder: Path) -> None:
    (folder / "indicators.yaml").unlink()
    (folder / "projects.yaml").unlink()
    pack = load_pack(folder)
    assert pack.organisations == pack.indicators == pack.projects == pack.documents == ()


def test_all_faults_come_in_one_report_with_file_line_and_field(folder: Path) -> None:
    (folder / "city.yaml").write_text(CITY.replace("code: 010203", "code: 12\ncolour: red"), encoding="utf-8")
    (folder / "indicators.yaml").write_text(
        INDICATOR.replace("unit: 元", "unit: 亿元").replace("good: up", "good: sideways"), encoding="utf-8"
    )
    (folder / "projects.yaml").write_text("a: [", encoding="utf-8")
    assert [fault.split(": ")[:2] for fault in faults(folder)] == [
        ["city.yaml:7", "colour"],
        ["city.yaml:6", "code"],
        ["indicators.yaml:6", "unit"],
        ["indicators.yaml:7", "good"],
        ["projects.yaml:1", "is no YAML"],
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("name: 地区生产总值", "title: 地区生产总值"), "title: is no field here"),
        (("name: 地区生产总值", "title: 地区生产总值"), "name: is missing"),
        (("aliases: [GDP, 生产总值]", "aliases: GDP"), "aliases: a list of texts is expected"),
        (("id: gdp", "id: 生产 总值"), "id: '生产 总值' is no identifier"),
        (("unit: 元", "unit: 光年"), "unit: '光年' is no unit known here"),
        (("unit: 元", "unit: 億元"), "unit: '億元' is written '元' here"),
        (("unit: 元", "unit:"), "unit: is empty"),
        (("source: 统计局", "source: [统计局]"), "source: a text is expected"),
        (("source: 统计局", "source: 甲\n  source: 乙"), "source: stands here 2 times"),
    ],
)
def test_a_fault_says_what_was_seen(folder: Path, change: tuple[str, str], fault: str) -> None:
    (folder / "indicators.yaml").write_text(INDICATOR.replace(*change), encoding="utf-8")
    assert any(fault in found for found in faults(folder))


def test_an_index_has_an_empty_unit_when_it_is_said_so(folder: Path) -> None:
    (folder / "indicators.yaml").write_text(INDICATOR.replace("unit: 元", 'unit: ""'), encoding="utf-8")
    assert load_pack(folder).indicators[0].unit == ""


def test_one_name_cannot_mean_two_indicators(folder: Path) -> None:
    twin = (
        INDICATOR.replace("id: gdp", "id: output").replace("地区生产总值", "总产值").replace("[GDP, 生产总值]", "[GDP]")
    )
    (folder / "indicators.yaml").write_text(INDICATOR + twin, encoding="utf-8")
    assert faults(folder) == ["indicators.yaml:10: aliases: 'GDP' already belongs to the record in line 2"]


def test_a_project_lies_in_a_place_of_the_city(folder: Path) -> None:
    (folder / "projects.yaml").write_text(PROJECT.replace("丙县", "丁县"), encoding="utf-8")
    assert faults(folder) == ["projects.yaml:2: district: '丁县' is none of 丙县, 甲开发区"]


@pytest.mark.parametrize(
    "content", ["", "- 1", "just text", "[]", "\x00", "&a [*a]", "a: !!python/object:os.system {}"]
)
def test_a_city_file_of_any_content_is_a_fault_not_a_crash(folder: Path, content: str) -> None:
    (folder / "city.yaml").write_text(content, encoding="utf-8")
    assert all(fault.startswith("city.yaml") for fault in faults(folder))


def test_a_file_that_is_no_text_is_named(folder: Path) -> None:
    (folder / "org.yaml").write_bytes(b"\xff\xfe\x00\xd8")
    assert faults(folder) == ["org.yaml: cannot be read (UnicodeDecodeError); save it as UTF-8 text"]


def test_an_unknown_pack_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PackError, match="yangquan"):
        load_pack("atlantis")


def test_every_shipped_pack_is_sound() -> None:
    for name in shipped_packs():
        assert load_pack(name).name == name


def test_the_shipped_city_knows_its_places_by_every_name() -> None:
    city = load_pack("yangquan").city
    assert {place.name for place in city.places} >= {"城区", "矿区", "郊区", "平定县", "盂县", "高新区"}
    assert city.place_of["平定"].name == "平定县"


def test_the_environment_names_the_default_pack(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIHUAN_PACK", raising=False)
    assert default_pack().city.name == "阳泉市"
    monkeypatch.setenv("BIHUAN_PACK", str(folder))
    assert default_pack().city.name == "甲市"


def test_a_new_pack_is_a_sound_skeleton_and_overwrites_nothing(tmp_path: Path) -> None:
    new_pack(tmp_path / "city")
    assert load_pack(tmp_path / "city").documents == ()
    assert load_pack(tmp_path / "city").indicators == load_pack("yangquan").indicators
    with pytest.raises(PackError, match="not empty"):
        new_pack(tmp_path / "city")
