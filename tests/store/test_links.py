import pytest
from tests.store.readings import AT, Draft, keep

from bihuan.core.records.statement import Anchor, Commitment, Link, Statement
from bihuan.store import ledger, links, overview
from bihuan.store.connect import Store

PROMISES = (
    Draft("2023.txt")
    .says("发电量", "280亿千瓦时", 2.8e10, unit="千瓦时", kind="target", period="2023", canonical="power")
    .says("造林", "16万亩", 1.6e5, unit="亩", kind="target", period="2023")
    .says("旅游公路", "119公里", 119, unit="公里", kind="target", period="2023")
    .does("建成", "中心医院", period="2023")
)
RESULTS = (
    Draft("2024.txt", year=2024)
    .says("发电量", "262.5亿千瓦时", 2.625e10, unit="千瓦时", period="2023", canonical="power")
    .says("造林", "16.3万亩", 1.63e5, unit="亩", period="2023")
    .does("贯通", "旅游公路", kind="result", period="2023")
)


def anchor(draft: Draft, record: Statement | Commitment) -> Anchor:
    return Anchor(draft.reading().document.sha256, record.start, record.quote)


def pair(a: Statement | Commitment, b: Statement | Commitment, verdict: str, relation: str = "target_result") -> Link:
    return Link(anchor(PROMISES, a), anchor(RESULTS, b), "同一件事", relation, verdict)  # type: ignore[arg-type]


LINKS = [
    pair(PROMISES.statements[0], RESULTS.statements[0], "missed"),
    pair(PROMISES.statements[1], RESULTS.statements[1], "met"),
    pair(PROMISES.statements[2], RESULTS.commitments[0], "met"),
]


def put(store: Store, made: list[Link]) -> bool:
    with store.connection() as connection:
        return ledger.replace_links(connection, made, ledger_revision=ledger.revisions(connection).ledger)


@pytest.fixture
def linked(store: Store) -> Store:
    keep(store, PROMISES, RESULTS)
    assert put(store, LINKS)
    return store


def test_promises_stand_beside_their_results(linked: Store) -> None:
    with linked.connection() as connection:
        found = ledger.compare(connection, 2023)
    told = [(one.light, one.target.name, one.result.quote if one.result else None) for one in found.promises]
    assert told == [
        ("missed", "发电量", "262.5亿千瓦时"),
        ("met", "造林", "16.3万亩"),
        ("met", "旅游公路", "贯通旅游公路"),
        ("open", "中心医院", None),
    ]
    assert dict(found.counts) == {"met": 2, "missed": 1, "partly": 0, "unknown": 0, "open": 1}


def test_one_light_one_city_and_pages(linked: Store) -> None:
    with linked.connection() as connection:
        met = ledger.compare(connection, 2023, light="met", size=1, page=2)
        assert (met.total, [one.target.name for one in met.promises]) == (2, ["旅游公路"])
        assert ledger.compare(connection, 2023, city="乙市").total == 0
        assert ledger.compare(connection, 2023, city="甲市").total == 4
        assert ledger.compare(connection, 1999).promises == ()
        assert ledger.years(connection) == [2023]


def test_a_rejected_row_is_neither_promise_nor_result(linked: Store) -> None:
    with linked.connection() as connection:
        hit, promise = ledger.search(connection, ledger.Filter(text="造林"), sort="year", descending=True).entries
        ledger.reject(connection, next(r.id for r in (hit, promise) if r.kind == "result"), actor="t", at=AT)
        assert ledger.compare(connection, 2023).counts["open"] == 2
        ledger.reject(connection, next(r.id for r in (hit, promise) if r.kind == "target"), actor="t", at=AT)
        assert ledger.compare(connection, 2023).total == 3
        assert len(list(links.export(connection))) == 2


def test_the_definite_verdict_counts_and_then_the_latest_result(store: Store) -> None:
    again = Draft("2025.txt", year=2025).says("造林", "17万亩", 1.7e5, unit="亩", period="2024")
    keep(store, PROMISES, RESULTS, again)
    later = Anchor(again.reading().document.sha256, again.statements[0].start, "17万亩")
    unknown = Link(anchor(PROMISES, PROMISES.statements[1]), later, "造林", "target_result", "unknown")
    put(store, [LINKS[1], unknown])
    with store.connection() as connection:
        (promise,) = ledger.compare(connection, 2023, light="met").promises
    assert promise.result is not None
    assert promise.result.quote == "16.3万亩"


def test_series_is_the_citys_own_in_order_of_time_and_signed(store: Store) -> None:
    draft = Draft("s.txt").says("失业率", "4%", 4, unit="%", period="2023", canonical="jobless")
    draft.says("失业率", "3%", 3, unit="%", period="2021", canonical="jobless", direction="-", measure="growth")
    draft.says("失业率", "9%", 9, unit="%", period="2022", canonical="jobless", subject="城区")
    draft.says("失业率", "5%", 5, unit="%", period="2022-01/2022-06", canonical="jobless")
    keep(store, draft)
    with store.connection() as connection:
        points = [(point.period, point.value) for point in ledger.series(connection, "jobless")]
        assert points == [("2021", -3), ("2022-01/2022-06", 5), ("2023", 4)]
        assert [point.value for point in ledger.series(connection, "jobless", measure="level")] == [5, 4]
        assert ledger.series(connection, "jobless", city="乙市") == []
        latest = ledger.series(connection, "jobless", limit=2)
        assert [point.value for point in latest] == [5, 4], "the latest, still in order of time"
        (topic,) = overview.topics(connection)
        assert (topic.topic, topic.count, topic.first, topic.last) == ("jobless", 3, 2021, 2023)
        assert overview.totals(connection).statements == 4


def test_links_made_from_old_rows_are_not_stored(store: Store) -> None:
    keep(store, PROMISES)
    with store.connection() as connection:
        old = ledger.revisions(connection).ledger
    keep(store, RESULTS)
    with store.connection() as connection:
        assert not ledger.replace_links(connection, LINKS, ledger_revision=old)
        assert ledger.links_are_stale(connection)
    assert put(store, LINKS)
    with store.connection() as connection:
        assert not ledger.links_are_stale(connection)


def test_a_link_that_meets_no_row_is_left_out(store: Store) -> None:
    keep(store, PROMISES, RESULTS)
    lost = Link(Anchor("0" * 64, 0, "无"), LINKS[0].b, "无", "series", None)
    elsewhere = Link(Anchor(LINKS[0].a.doc, 99, LINKS[0].a.quote), LINKS[0].b, "无", "series", None)
    put(store, [lost, elsewhere, LINKS[0], LINKS[0]])
    with store.connection() as connection:
        (kept,) = links.export(connection)
    assert (kept.a.doc, kept.b.doc, kept.verdict) == ("2023.txt", "2024.txt", "missed")


def test_related_rows_say_which_is_later(linked: Store) -> None:
    with linked.connection() as connection:
        target = ledger.search(connection, ledger.Filter(text="发电量", kind=("target",))).entries[0]
        (other,) = ledger.related(connection, target.id)
        assert (other.entry.kind, other.relation, other.verdict, other.is_later) == (
            "result", "target_result", "missed", True,
        )  # fmt: skip
        (back,) = ledger.related(connection, other.entry.id)
        assert (back.entry.id, back.is_later) == (target.id, False)
