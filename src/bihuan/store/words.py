"""Full-text search in Chinese without a dictionary: pairs of neighbouring characters.

A text is found if it contains the words asked for, character for character. The index narrows by pairs; the exact
test (`like`) is left to the few rows that have them all. One character is found as the beginning of a pair, which is
why the last character of a text is kept alone.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable

SEPARATOR = "\n"
_SPACE = re.compile(r"\s+")


def normalised(text: str) -> str:
    """Return `text` as it is searched: full-width forms made plain, lower case, no white space."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text).lower().replace("\x00", ""))


def words(fields: Iterable[str | None]) -> str:
    """Return what is searched of a row: its fields, normalised, a line each."""
    return SEPARATOR.join(dict.fromkeys(normalised(field) for field in fields if field))


def lexemes(searched: str) -> str:
    """Return the tsvector (as text) of what `words` made."""
    found: set[str] = set()
    for line in searched.split(SEPARATOR):
        found.update(map("".join, itertools.pairwise(line)))
        found.update(line[-1:])
    return " ".join(map(_quoted, found))


def conditions(query: str) -> list[tuple[str, str | None]]:
    """Return (tsquery, like pattern) for each of the words in `query`; all of them must hold.

    A word of one or two characters needs no pattern: the index answers it exactly.
    """
    return [(_tsquery(term), _pattern(term) if len(term) > 2 else None) for term in _terms(query)]


def patterns(query: str) -> list[str]:
    """Return the like patterns of all words in `query`: where rows are looked at one by one, without the index."""
    return [_pattern(term) for term in _terms(query)]


def _terms(query: str) -> list[str]:
    return [term for term in map(normalised, query.split()) if term]


def _pattern(term: str) -> str:
    return f"%{_escaped(term)}%"


def _tsquery(term: str) -> str:
    if len(term) == 1:
        return f"{_quoted(term)}:*"
    return " & ".join(sorted({_quoted(a + b) for a, b in itertools.pairwise(term)}))


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _escaped(term: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", term)
