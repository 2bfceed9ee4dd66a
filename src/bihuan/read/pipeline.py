"""The steps of reading in order: load, restore, take apart, find statements and commitments."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.core.records.document import Document
from bihuan.core.records.statement import Commitment, Statement
from bihuan.read.formats import DEFAULT_LIMITS, Limits, Source, load
from bihuan.read.grammar.promises import read_commitments
from bihuan.read.grammar.statements import read_statements
from bihuan.read.link import link
from bihuan.read.outline import Outline, take_apart
from bihuan.read.restore import restore
from bihuan.store.packs import Pack

__all__ = ["Reading", "link", "read_bytes", "read_source"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One document with all that was read out of it."""

    document: Document
    source: Source
    outline: Outline
    statements: tuple[Statement, ...]
    commitments: tuple[Commitment, ...]


def read_bytes(data: bytes, name: str, pack: Pack | None, limits: Limits = DEFAULT_LIMITS) -> Reading:
    """Read the bytes of one file; see `load` for what is refused."""
    return read_source(load(data, name, limits), pack)


def read_source(source: Source, pack: Pack | None) -> Reading:
    """Read one source text: pure, the same source and pack give the same reading."""
    outline = take_apart(source, restore(source.text), pack)
    return Reading(
        document=_document(source, outline),
        source=source,
        outline=outline,
        statements=tuple(read_statements(outline, pack)),
        commitments=tuple(read_commitments(outline, pack)),
    )


def _document(source: Source, outline: Outline) -> Document:
    return Document(
        name=source.name,
        sha256=source.sha256,
        media_type=source.media_type,
        size_bytes=source.size_bytes,
        encoding=source.encoding,
        title=outline.title,
        city=outline.city,
        speaker=outline.speaker,
        published=outline.published,
        year=outline.year,
        chars=len(source.text),
    )
