"""Linking as a whole: what it owes to the order of the documents, to duplicates, to places, and to many rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.core.records.document import Document
from bihuan.core.records.statement import Commitment, Link, Statement
from bihuan.read.link import link
from bihuan.store.packs import load_pack

PACK = load_pack("yangquan")
NAMES = ("规上工业增加值", "规模以上工业", "新兴产业增加值", "战略性新兴产业增加值", "城镇调查失业率", "某某产业产值")
THINGS = ("云河水库", "云河水库二期", "滨江大道北延", "城南客运站、滨江大道北延等项目")


@dataclass(frozen=True)
class Found:
    """One document with what was read out of it."""

    document: Document
    statements: tuple[Statement, ...] = ()
    commitments: tuple[Commitment, ...] = ()


def document(name: str, city: str | None = "江州市", year: int | None = 2024) -> Document:
    return Document(name, "0" * 64, "text/plain", 1, "utf-8", None, city, None, None, year, 1)


def says(doc: str, start: int, indicator: str, kind: str, period: str, **fields: object) -> Statement:
    plain = Statement(doc, "5%", start, indicator, 5, "%", "growth", "+", "exact", kind, period, None)  # type: ignore[arg-type]
    return replace(plain, **fields)  # type: ignore[arg-type]


@st.composite
def corpora(draw: st.DrawFn) -> list[Found]:
    """A handful of documents of two cities, with figures and projects that meet each other."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        name, year = f"{number}.txt", draw(st.integers(2022, 2024))
        kinds, places = st.sampled_from(("result", "target")), st.sampled_from((None, "开发区", "临江县"))
        statements = tuple(
            says(name, 20 * at, draw(st.sampled_from(NAMES)), draw(kinds), str(year), value=float(draw(st.integers(1, 9))), subject=draw(places))
            for at in range(draw(st.integers(0, 5)))
        )  # fmt: skip
        commitments = tuple(
            Commitment(name, "建成", 1000 + 20 * at, "建成", draw(st.sampled_from(THINGS)), "completed", draw(kinds), str(year), None, None)
            for at in range(draw(st.integers(0, 3)))
        )  # fmt: skip
        found.append(Found(document(name, draw(st.sampled_from(("江州市", "海城市"))), year), statements, commitments))
    return found


@settings(deadline=None)
@given(corpora(), st.randoms(use_true_random=False))
def test_the_order_of_the_documents_does_not_matter(found: list[Found], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert link(shuffled, PACK) == link(found, PACK)


@settings(deadline=None)
@given(corpora())
def test_a_document_given_twice_adds_nothing(found: list[Found]) -> None:
    assert link([*found, *found], PACK) == link(found, PACK)


@settings(deadline=None)
@given(corpora())
def test_no_link_leaves_its_city_its_place_or_its_own_end(found: list[Found]) -> None:
    place = {(s.doc, s.start): (f.document.city, s.subject) for f in found for s in f.statements}
    city = {f.document.name: f.document.city for f in found}
    links = link(found, PACK)
    assert len(set(map(ends, links))) == len(links)
    for one in links:
        a, b = (one.a.doc, one.a.start), (one.b.doc, one.b.start)
        assert a != b
        assert city[a[0]] == city[b[0]]
        assert place.get(a) == place.get(b)


def ends(one: Link) -> tuple[object, ...]:
    return one.a.doc, one.a.start, one.b.doc, one.b.start, one.same


def verdicts(found: list[Found]) -> list[tuple[str, str | None]]:
    return [(one.relation, one.verdict) for one in link(found, PACK)]


def test_a_promise_meets_its_result_and_the_next_year_follows() -> None:
    found = [
        Found(document("23", year=2023), (says("23", 0, "规上工业增加值", "target", "2023", bound="at_least"),)),
        Found(document("24"), (says("24", 0, "规模以上工业", "result", "2023", value=5.4), says("24", 9, "规上工业增加值", "target", "2024"))),
    ]  # fmt: skip
    assert verdicts(found) == [("target_result", "met"), ("series", None), ("series", None)]


def test_the_figure_of_a_place_stays_out_of_the_citys_series() -> None:
    found = [
        Found(document("23", year=2023), (says("23", 0, "规上工业增加值", "target", "2023"),)),
        Found(document("24"), (says("24", 0, "规上工业增加值", "result", "2023", subject="开发区"),)),
    ]
    assert link(found, PACK) == []


def test_a_figure_of_the_year_so_far_gives_way_to_that_of_the_whole_year() -> None:
    promise = Found(document("23", year=2023), (says("23", 0, "规上工业增加值", "target", "2023"),))
    autumn = Found(
        document("23b", year=2023), (says("23b", 0, "规上工业增加值", "result", "2023-01/2023-09", value=9),)
    )
    winter = Found(document("24"), (says("24", 0, "规上工业增加值", "result", "2023", value=4),))
    assert verdicts([promise, autumn]) == [("target_result", "unknown")]
    assert [(one.b.doc, one.verdict) for one in link([promise, autumn, winter], PACK)] == [("24", "missed")]


def test_what_one_document_reports_comes_before_what_it_promises() -> None:
    begun = Commitment("24", "开工", 90, "开工", "云河水库", "started", "result", "2024", None, None)
    promised = Commitment("24", "建成", 10, "建成", "云河水库", "completed", "target", "2024", "2024-12", None)
    (one,) = link([Found(document("24"), (), (begun, promised))], PACK)
    assert (one.relation, one.a.start, one.b.start) == ("project_progress", 90, 10)


def test_a_promise_nobody_reports_on_has_no_link() -> None:
    assert link([Found(document("23", year=2023), (says("23", 0, "规上工业增加值", "target", "2023"),))], PACK) == []


def test_a_table_of_one_name_links_in_proportion_to_its_rows() -> None:
    """Rows beyond a sane number under one name and year are no series; links never grow with the square of them."""
    rows = tuple(says("24", at, "某某产业产值", "result", "2024") for at in range(2000))
    later = tuple(says("25", at, "某某产业产值", "result", "2025") for at in range(2000))
    assert link([Found(document("24"), rows), Found(document("25", year=2025), later)], PACK) == []
