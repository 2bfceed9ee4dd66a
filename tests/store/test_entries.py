import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.readings import Draft, keep

from bihuan.core.errors import InputError
from bihuan.store import ledger
from bihuan.store.connect import Connection, Store
from bihuan.store.ledger import Filter
from bihuan.store.words import conditions, lexemes, normalised, words


@pytest.fixture
def filled(store: Store) -> Store:
    report = Draft("2023.txt", year=2023)
    report.says("规模以上工业增加值", "8.7%", 8.7, unit="%", measure="growth", direction="+", period="2022",
                canonical="industry")  # fmt: skip
    report.says("新兴产业增加值", "17%", 17, unit="%", measure="growth", direction="+", period="2022")
    report.says("发电量", "280亿千瓦时", 2.8e10, unit="千瓦时", kind="target", period="2023", section="二、安排")
    report.says("工业增加值", "25.6%", 25.6, unit="%", measure="growth", direction="+", period="2022", subject="开发区",
                canonical="industry")  # fmt: skip
    report.does("建成", "中心医院", period="2023")
    later = Draft("2024.txt", year=2024).says("发电量", "262.5亿千瓦时", 2.625e10, unit="千瓦时", period="2023")
    keep(store, report, later)
    return store


def names(store: Store, where: Filter, **more: object) -> list[str]:
    with store.connection() as connection:
        return [row.name for row in ledger.search(connection, where, **more).entries]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("发电量", ["发电量", "发电量"]),
        ("发电", ["发电量", "发电量"]),
        ("电量", ["发电量", "发电量"]),
        ("量", ["发电量", "发电量"]),
        ("业增", ["规模以上工业增加值", "新兴产业增加值", "工业增加值"]),
        ("工业增加值", ["规模以上工业增加值", "工业增加值"]),
        ("工业 25.6", ["工业增加值"]),
        ("开发区", ["工业增加值"]),
        ("２８０亿", ["发电量"]),
        ("中心医院", ["中心医院"]),
        ("医中", []),
        ("%", ["规模以上工业增加值", "新兴产业增加值", "工业增加值"]),
        ("_", []),
        ("'", []),
        ("\\", []),
        ("   ", ["规模以上工业增加值", "新兴产业增加值", "发电量", "工业增加值", "中心医院", "发电量"]),
    ],
)
def test_chinese_is_found_character_for_character(filled: Store, text: str, found: list[str]) -> None:
    assert names(filled, Filter(text=text)) == found


def test_fields_of_a_filter_hold_together_and_values_of_one_are_alternatives(filled: Store) -> None:
    assert names(filled, Filter(kind=("target",))) == ["发电量", "中心医院"]
    assert names(filled, Filter(kind=("target",), family=("commitment",))) == ["中心医院"]
    assert names(filled, Filter(year=(2022, 2023), text="发电")) == ["发电量", "发电量"]
    assert names(filled, Filter(topic=("industry",))) == ["规模以上工业增加值", "工业增加值"]
    assert names(filled, Filter(topic=("industry",), subject=("",))) == ["规模以上工业增加值"]
    assert names(filled, Filter(section=("二、安排",))) == ["发电量", "中心医院"]


def test_facets_count_what_a_choice_would_leave(filled: Store) -> None:
    with filled.connection() as connection:
        page = ledger.search(connection, Filter(kind=("target",)))
    facets = {name: {value.value: value.count for value in values} for name, values in page.facets.items()}
    assert page.total == 2
    assert facets["kind"] == {"result": 4, "target": 2}, "a chosen field is counted as if it were not"
    assert facets["family"] == {"statement": 1, "commitment": 1}
    assert facets["year"] == {2023: 2}
    assert [value.chosen for value in page.facets["kind"]] == [False, True]
    assert {value.label for value in page.facets["document"]} == {"2023.txt"}


def test_pages_follow_one_another_without_gap(filled: Store) -> None:
    whole = names(filled, Filter(), size=100)
    pages = [name for number in (1, 2, 3) for name in names(filled, Filter(), size=2, page=number)]
    assert pages == whole
    with filled.connection() as connection:
        page = ledger.search(connection, size=4, page=2, facets=False)
        assert (page.total, page.pages, len(page.entries), dict(page.facets)) == (6, 2, 2, {})
        assert ledger.search(connection, Filter(text="无"), size=4).pages == 1


@pytest.mark.parametrize("sort", ["document", "name", "value", "year", "confidence"])
def test_every_order_has_its_reverse(filled: Store, sort: str) -> None:
    keys = {"document": "document_id", "name": "name", "value": "value", "year": "year", "confidence": "confidence"}
    with filled.connection() as connection:
        pages = [ledger.search(connection, sort=sort, size=100, descending=way).entries for way in (False, True)]
    up, down = ([getattr(row, keys[sort]) for row in page] for page in pages)
    if sort == "value":  # the row without a number comes last either way
        assert up.pop() is down.pop() is None
    assert up == down[::-1]
    assert sort == "name" or up == sorted(up)


def test_a_wrong_order_or_page_is_refused(store: Store) -> None:
    with store.connection() as connection:
        with pytest.raises(InputError, match="cannot sort by 'size'; choose one of document"):
            ledger.search(connection, sort="size")
        with pytest.raises(InputError, match="page counts from 1"):
            ledger.search(connection, page=0)
        with pytest.raises(InputError, match="size is 1 to 1000"):
            ledger.search(connection, size=1001)


def test_export_yields_every_row_in_document_order(filled: Store) -> None:
    with filled.connection() as connection:
        assert [row.name for row in ledger.export(connection, Filter(text="增加值"))] == [
            "规模以上工业增加值",
            "新兴产业增加值",
            "工业增加值",
        ]
        first = next(iter(ledger.export(connection)))
        assert ledger.get_entry(connection, first.id) == first
        assert ledger.get_entry(connection, 10**9) is None


TEXTS = st.text(st.sampled_from("工业增加值%_'\\ a\uff211"), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(searched=TEXTS, query=TEXTS)
def test_a_search_finds_exactly_what_contains_its_words(connection: Connection, searched: str, query: str) -> None:
    stored = words((searched,))
    asked = [normalised(term) for term in query.split() if normalised(term)]
    answers = [
        connection.execute(
            "select %(text)s::tsvector @@ %(query)s::tsquery and %(words)s like %(pattern)s",
            {"text": lexemes(stored), "query": tsquery, "words": stored, "pattern": pattern or "%"},
        ).fetchone()
        for tsquery, pattern in conditions(query)
    ]
    assert [bool(answer and answer[0]) for answer in answers] == [term in stored for term in asked]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    family=st.sampled_from([(), ("statement",), ("commitment",), ("statement", "commitment")]),
    kind=st.sampled_from([(), ("target",), ("result",)]),
    year=st.sampled_from([(), (2022,), (2023,), (2022, 2023), (1999,)]),
    text=st.sampled_from(["", "发电", "工业", "医院"]),
)
def test_a_count_is_the_number_of_rows_that_its_choice_leaves(
    filled: Store, family: tuple[str, ...], kind: tuple[str, ...], year: tuple[int, ...], text: str
) -> None:
    where = Filter(text, family=family, kind=kind, year=year)
    with filled.connection() as connection:
        page = ledger.search(connection, where)
        assert page.total == len(page.entries)
        for field, values in page.facets.items():
            for value in values:
                chosen = dataclasses.replace(where, **{field: (value.value,)})
                assert value.count == len(ledger.search(connection, chosen, facets=False).entries) > 0
