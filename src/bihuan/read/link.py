"""Statements and commitments of all documents -> the pairs that speak of the same thing, with what came of promises.

Grouped by a key of indicator or project, city and holder, and only neighbours in time are compared, so that a hundred
thousand statements link in seconds. The rules: `docs/explanation/linking.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from bihuan.core.records.document import Document
from bihuan.core.records.statement import Commitment, Link, Statement
from bihuan.read.linking.projects import link_commitments
from bihuan.read.linking.registry import Registry, name_indicators, name_projects
from bihuan.read.linking.series import link_statements

if TYPE_CHECKING:
    from bihuan.store.packs import Pack

__all__ = ["HasFindings", "link", "name_indicators", "name_projects"]


class HasFindings(Protocol):
    """One document with what was read out of it."""

    @property
    def document(self) -> Document:
        """Where it was read."""

    @property
    def statements(self) -> Sequence[Statement]:
        """Its claims with a number."""

    @property
    def commitments(self) -> Sequence[Commitment]:
        """Its claims without one."""


def link(readings: Iterable[HasFindings], pack: Pack | None = None) -> list[Link]:
    """Return the links among all documents of a run, in the order of their first ends.

    Symmetric under the order of the documents; a document given twice adds nothing.

    Args:
        readings: one a document.
        pack: the city's registry; without one, names are matched as they stand.
    """
    by_name = {reading.document.name: reading for reading in readings}
    once = [by_name[name] for name in sorted(by_name)]
    city_of = _cities([reading.document for reading in once])
    registry = Registry.of(pack)
    statements = [(r.document, city_of[r.document.name], s) for r in once for s in r.statements]
    commitments = [(r.document, city_of[r.document.name], c) for r in once for c in r.commitments]
    links = [*link_statements(statements, registry), *link_commitments(commitments, statements, registry)]
    return sorted(links, key=lambda one: (one.a.doc, one.a.start, one.b.doc, one.b.start, one.relation))


def _cities(documents: Sequence[Document]) -> dict[str, str]:
    """The city of each document by its name; one that tells none goes with the only city there is, else stands alone."""
    named = sorted({document.city for document in documents if document.city})
    if len(named) > 1:
        return {document.name: document.city or f"?{document.name}" for document in documents}
    return {document.name: named[0] if named else "" for document in documents}
