"""Names and IRIs, without a network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.sense.ngsi_ld.context import CORE, CORE_URL, core_terms, read_context
from bihuan.sense.ngsi_ld.problems import Problem

NAMES = st.from_regex(r"[a-zA-Z][a-zA-Z0-9_]{0,12}", fullmatch=True)
KEPT = {"https://example.org/kept.jsonld": {"@context": {"Vehicle": "https://example.org/types#Vehicle"}}}


@given(names=st.lists(NAMES, unique=True, max_size=6), name=NAMES)
def test_what_is_expanded_compacts_to_itself(names: list[str], name: str) -> None:
    context = read_context({one: f"https://example.org/{one}" for one in names}, lambda url: None)
    assert context.compact(context.expand(name)) == name


def test_core_terms_win_over_a_users() -> None:
    context = read_context({"location": "https://example.org/place"}, lambda url: None)
    assert context.expand("location") == "https://uri.etsi.org/ngsi-ld/location"


def test_prefixes_are_written_out_and_folded_again() -> None:
    context = read_context({"ex": "https://example.org/", "speed": "ex:speed"}, lambda url: None)
    assert context.expand("speed") == "https://example.org/speed"
    assert context.expand("ex:other") == "https://example.org/other"
    assert context.compact("https://example.org/other") == "ex:other"


def test_a_context_kept_here_is_found_and_a_strange_one_refused() -> None:
    url = next(iter(KEPT))
    context = read_context([url, CORE_URL], KEPT.get)
    assert context.expand("Vehicle") == "https://example.org/types#Vehicle"
    with pytest.raises(Problem, match="nothing is fetched from the network") as refused:
        read_context("https://example.org/strange.jsonld", KEPT.get)
    assert (refused.value.kind, refused.value.status) == ("LdContextNotAvailable", 504)


def test_contexts_that_name_each_other_end() -> None:
    kept = {"https://a.example/": "https://b.example/", "https://b.example/": "https://a.example/"}
    with pytest.raises(Problem, match="deep"):
        read_context("https://a.example/", kept.get)


@pytest.mark.parametrize("given", [7, {"Vehicle": 7}, "no-uri"])
def test_what_is_no_context_is_refused(given: object) -> None:
    with pytest.raises(Problem) as refused:
        read_context(given, lambda url: None)
    assert refused.value.kind == "BadRequestData"


def test_the_core_context_is_whole() -> None:
    assert core_terms()["value"] == "https://uri.etsi.org/ngsi-ld/hasValue"
    assert core_terms()["Point"] == "https://purl.org/geojson/vocab#Point"
    assert core_terms()["id"] == "@id"
    assert CORE.expand("pm25") == "https://uri.etsi.org/ngsi-ld/default-context/pm25"
