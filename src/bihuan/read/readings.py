"""Readings that a copying site pushed in behind characters: `推動(dòng)`, `產(chan) 業(ye) `.

Such a site writes the pronunciation of a character it could not display behind it, in brackets. A bracket is taken for
a reading only where its Latin letters really spell one of the readings of the very character before it, so that
`公里(km)`, `產值(GDP)` and `軟件(app)` stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bihuan.core.text import TracedText
from bihuan.read.simplify import simple_forms

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Lower-case letters with any accent, precomposed or combining, and the open a and g (U+0251, U+0261) of phonetic
# type. Capitals are left out on purpose: 钠(Na) and 锂(Li) spell readings of their characters but are symbols.
_BRACKET = re.compile(
    rf"(?<=[{_HAN}])[(（]([a-z\u00df-\u00ff\u0101-\u0233\u0251\u0261\u0300-\u030c]{{1,8}})[)）]([ \u00a0\u3000]?)"
)
_TONELESS = str.maketrans("v\u0251\u0261", "uag", "".join(map(chr, range(0x300, 0x30D))))


def without_readings(text: TracedText) -> TracedText:
    """Return the text without injected readings; each character's extent in the raw text takes its reading in.

    A site either puts a space behind every reading or behind none, so the space goes with the reading where most
    readings of the text have one. It belongs to no character.
    """
    found = [match for match in _BRACKET.finditer(text.text) if is_reading(text.text[match.start() - 1], match[1])]
    bare = text.without([(match.start(), match.start(2)) for match in found], keep_in_quote=True)
    if 2 * sum(bool(match[2]) for match in found) <= len(found):
        return bare
    return bare.without(_spaces(found))


def _spaces(found: Sequence[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """Yield where the spaces stand once the brackets before them are gone."""
    gone = 0
    for match in found:
        gone += match.start(2) - match.start()
        yield match.start(2) - gone, match.end() - gone


@lru_cache(maxsize=4096)
def is_reading(character: str, letters: str) -> bool:
    """Tell whether `letters` (pinyin, with or without tone marks, ü also as v or u) spell a reading of `character`."""
    return _toneless(letters) in _readings(character)


@lru_cache(maxsize=4096)
def _readings(character: str) -> frozenset[str]:
    """Readings of a character and its simplified forms, for a site may have taken the reading before it converted."""
    # Loaded late: its package takes long, and only texts with such brackets need it.
    from pypinyin.pinyin_dict import pinyin_dict

    forms = simple_forms(character) | {unicodedata.normalize("NFKC", character)}
    known = ",".join(pinyin_dict.get(ord(form), "") for form in forms)
    return frozenset(map(_toneless, known.split(","))) - {""}


def _toneless(letters: str) -> str:
    return unicodedata.normalize("NFD", letters).translate(_TONELESS)
