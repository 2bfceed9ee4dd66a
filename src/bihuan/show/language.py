"""The two languages of the interface: which one a reader gets, and its words.

The words in code and templates are English; `locale/zh_CN` holds their Chinese. The catalogue is read as it stands
(`.po`), so there is nothing to compile.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

Language = Literal["zh-CN", "en"]
LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")
COOKIE = "bihuan_language"
CATALOGUE = Path(__file__).parent / "locale" / "zh_CN" / "LC_MESSAGES" / "messages.po"


def choose_language(cookies: Mapping[str, str], accept_language: str) -> Language:
    """Return the language a reader gets: his own choice, then his browser's first of the two, then Chinese."""
    chosen = cookies.get(COOKIE)
    for language in LANGUAGES:
        if chosen == language:
            return language
    for tag in _by_preference(accept_language):
        if tag.startswith("zh"):
            return "zh-CN"
        if tag.startswith("en"):
            return "en"
    return "zh-CN"


def _by_preference(accept_language: str) -> list[str]:
    """Return language tags, the most wanted first (RFC 9110 section 12.5.4)."""
    weighted = []
    for item in accept_language.lower().split(","):
        tag, _, weight = item.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), tag))
        except ValueError:
            continue
    return [tag for weight, tag in sorted(weighted, key=lambda pair: pair[0]) if weight < 0]


class Words(gettext.NullTranslations):
    """The interface text of one language; an English message stands for itself where there is no other."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self.language = language
        self._words = {} if language == "en" else chinese_words()

    def gettext(self, message: str) -> str:
        """Return `message` in this language."""
        return self._words.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the wording for `n` things; Chinese has one form."""
        if self.language == "zh-CN":
            return self._words.get(msgid1, msgid1)
        return msgid1 if n == 1 else msgid2


@cache
def words(language: Language) -> Words:
    """Return the words of a language, read once."""
    return Words(language)


def load_catalogue() -> Catalog:
    """Return the Chinese catalogue as Babel reads it."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_CN")


@cache
def chinese_words() -> Mapping[str, str]:
    """Return English message -> Chinese; a message with a plural stands under its singular."""
    found: dict[str, str] = {}
    for message in load_catalogue():
        msgid = message.id if isinstance(message.id, str) else message.id[0]
        string = message.string if isinstance(message.string, str) else (message.string or ("",))[0]
        if msgid and string:
            found[msgid] = string
    return found
