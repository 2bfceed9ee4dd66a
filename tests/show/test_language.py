"""Both languages are complete, and each reader gets his own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import bihuan
from bihuan.show.labels import LABELS
from bihuan.show.language import chinese_words, choose_language, words

SOURCES = Path(bihuan.__file__).parent
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "say": (2,)}


def _messages() -> set[str]:
    found = extract_from_dir(SOURCES, METHODS, keywords=KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def test_every_message_has_its_chinese() -> None:
    assert _messages() - set(chinese_words()) == set()


def test_no_chinese_is_left_over() -> None:
    assert set(chinese_words()) - _messages() == set()


def test_a_translation_keeps_its_places() -> None:
    place = re.compile(r"%\(\w+\)s|\{\w+[^}]*\}")
    for english, chinese in chinese_words().items():
        assert set(place.findall(english)) - {"%(num)s"} == set(place.findall(chinese)) - {"%(num)s"}, english


def test_every_stored_value_has_a_label_in_both_languages() -> None:
    for family in LABELS.values():
        for english in family.values():
            assert words("zh-CN").gettext(english) != english
            assert words("en").gettext(english) == english


@pytest.mark.parametrize(
    ("cookies", "accept", "language"),
    [
        ({}, "", "zh-CN"),
        ({}, "en-US,en;q=0.9", "en"),
        ({}, "fr,en;q=0.5,zh;q=0.8", "zh-CN"),
        ({}, "fr-FR", "zh-CN"),
        ({}, "en;q=0,zh", "zh-CN"),
        ({}, "en;q=nonsense", "zh-CN"),
        ({"bihuan_language": "en"}, "zh-CN", "en"),
        ({"bihuan_language": "zh-CN"}, "en", "zh-CN"),
        ({"bihuan_language": "xx"}, "en", "en"),
    ],
)
def test_which_language_a_reader_gets(cookies: dict[str, str], accept: str, language: str) -> None:
    assert choose_language(cookies, accept) == language


def test_chinese_has_one_plural() -> None:
    assert words("zh-CN").ngettext("%(num)s statement", "%(num)s statements", 1) == "%(num)s 条表述"
    assert words("en").ngettext("%(num)s statement", "%(num)s statements", 2) == "%(num)s statements"
