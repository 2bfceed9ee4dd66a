"""Names and the IRIs they stand for: the part of JSON-LD that NGSI-LD's names need, without a network.

The core context is shipped; contexts of users are inline or kept in the store (`lookup`). Core terms win over a
user's, as the specification asks (clause 4.4: the core context is protected).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from bihuan.sense.ngsi_ld.problems import Problem, bad

CORE_URL = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld"
"""Address of the core context that is shipped."""
CORE_PREFIX = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context"
_VERSIONS = frozenset({f"{CORE_PREFIX}-v1.{minor}.jsonld" for minor in range(1, 10)} | {f"{CORE_PREFIX}.jsonld"})
"""All of them are served by the one shipped: each version adds terms to the one before."""
NGSI = "https://uri.etsi.org/ngsi-ld/"
DEFAULT_VOCABULARY = "https://uri.etsi.org/ngsi-ld/default-context/"

Lookup = Callable[[str], Any | None]
"""Gives the `@context` value kept under an address; None where none is kept."""
_KEYWORDS = {"@id": "id", "@type": "type"}
_DEEPEST = 8

_MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class Context:
    """Terms and their IRIs."""

    terms: Mapping[str, str]
    """A user's, without the core's."""
    vocabulary: str = DEFAULT_VOCABULARY
    source: Any = CORE_URL
    """What the answer names as its context: a URL, or what came inline."""
    _inverse: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    _expanded: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    _compacted: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for term, iri in self.terms.items():
            if term not in core_terms():
                self._inverse.setdefault(iri, term)

    def expand(self, name: str) -> str:
        """Return the IRI of a name of an entity type or attribute."""
        return self._expanded.get(name) or _remembered(self._expanded, name, self._expand(name))

    def _expand(self, name: str) -> str:
        found = core_terms().get(name) or self.terms.get(name)
        if found is not None:
            return found
        prefix, colon, rest = name.partition(":")
        if colon:
            start = self.terms.get(prefix) or core_terms().get(prefix)
            return start + rest if start and not rest.startswith("//") else name
        return self.vocabulary + name

    def compact(self, iri: str) -> str:
        """Return the shortest name of an IRI; the IRI itself where it has none."""
        return self._compacted.get(iri) or _remembered(self._compacted, iri, self._compact(iri))

    def _compact(self, iri: str) -> str:
        found = core_names().get(iri) or self._inverse.get(iri)
        if found is not None:
            return found
        if iri.startswith(self.vocabulary):
            return iri[len(self.vocabulary) :]
        for start, prefix in self._inverse.items():
            if start[-1:] in "/#:" and iri.startswith(start) and len(iri) > len(start):
                return f"{prefix}:{iri[len(start) :]}"
        return iri


def _remembered(known: dict[str, str], given: str, found: str) -> str:
    if len(known) >= _MOST_REMEMBERED:  # clients choose the names
        known.clear()
    known[given] = found
    return found


@cache
def core_document() -> Mapping[str, Any]:
    """Return the core context as it is published."""
    text = files("bihuan.sense.ngsi_ld").joinpath("core_context.json").read_text(encoding="utf-8")
    document: Mapping[str, Any] = json.loads(text)
    return document


@cache
def core_terms() -> Mapping[str, str]:
    """Return the terms of the core context and their IRIs."""
    given = {term: _iri_of(value) for term, value in core_document()["@context"].items() if term[0] != "@"}
    raw = {term: iri for term, iri in given.items() if iri}
    return {term: _unfolded(iri, raw) for term, iri in raw.items()}


@cache
def core_names() -> Mapping[str, str]:
    """Return the core's terms by IRI."""
    return {iri: term for term, iri in core_terms().items() if iri[0] != "@"}


CORE = Context({})
"""The core context alone."""


def read_context(given: Any, lookup: Lookup) -> Context:
    """Return the context that a request gives.

    Args:
        given: value of `@context`, or of the Link header: a URL, an object, an array of these; None for the core alone.
        lookup: gives what is kept under an address.

    Raises:
        Problem: LdContextNotAvailable where an address is not kept here; BadRequestData where it is no context.
    """
    if given is None or given in ([], CORE_URL):
        return CORE
    raw: dict[str, str] = {}
    _collect(given, lookup, raw, 0)
    vocabulary = raw.pop("@vocab", DEFAULT_VOCABULARY)
    terms = {term: _unfolded(iri, {**core_terms(), **raw}) for term, iri in raw.items()}
    return Context(terms, vocabulary, given)


def is_core(url: str) -> bool:
    """Return whether an address is that of a core context."""
    return url in _VERSIONS


def _collect(given: Any, lookup: Lookup, raw: dict[str, str], depth: int) -> None:
    """Add the terms of a context; later ones win."""
    if depth > _DEEPEST:
        raise Problem("LdContextNotAvailable", f"contexts name each other more than {_DEEPEST} deep")
    if isinstance(given, str):
        if not is_core(given):
            _collect(_kept(given, lookup), lookup, raw, depth + 1)
    elif isinstance(given, list):
        for one in given:
            _collect(one, lookup, raw, depth)
    elif isinstance(given, dict):
        if "@context" in given:
            _collect(given["@context"], lookup, raw, depth + 1)
        else:
            _collect_terms(given, raw)
    else:
        raise bad("@context: a URL, an object or an array of these was expected")


def _collect_terms(given: Mapping[str, Any], raw: dict[str, str]) -> None:
    for term, value in given.items():
        if isinstance(value, dict) and "@context" in value:
            raise bad(f"@context: '{term}' has a context of its own, which NGSI-LD does not allow (clause 5.5.7)")
        iri = _iri_of(value)
        if iri is None and term[:1] != "@" and value is not None:
            raise bad(f"@context: the definition of '{term}' is neither an IRI nor an object with @id")
        if iri is not None and (term[:1] != "@" or term == "@vocab"):
            raw[term] = iri


def _kept(url: str, lookup: Lookup) -> Any:
    if ":" not in url:
        raise bad(f"@context: '{url}' is no URI")
    found = lookup(url)
    if found is None:
        raise Problem(
            "LdContextNotAvailable",
            f"the @context {url} is not kept here, and nothing is fetched from the network; "
            "send the context inline, or keep it here first: POST /ngsi-ld/v1/jsonldContexts",
        )
    return found


def _iri_of(given: Any) -> str | None:
    if isinstance(given, str):
        return given
    if isinstance(given, dict) and isinstance(given.get("@id"), str):
        return str(given["@id"])
    return None


def _unfolded(iri: str, raw: Mapping[str, str]) -> str:
    """Return an IRI with its prefix written out."""
    if iri in _KEYWORDS:
        return iri
    prefix, colon, rest = iri.partition(":")
    if colon and not rest.startswith("//") and prefix in raw and raw[prefix] != iri:
        return _unfolded(raw[prefix], raw) + rest
    return iri
