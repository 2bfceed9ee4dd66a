"""A damaged web copy -> clean simplified text in which every character knows its place in the raw source."""

from __future__ import annotations

import re

from bihuan.core.text import TracedText
from bihuan.read.readings import without_readings
from bihuan.read.simplify import simplified

# Marks that never stand doubled in Chinese: the second is the copy's. …… and —— are one mark each, 《《 may open a
# title in a title, and half-width stops are doubled only behind Chinese (`fe80::1`, `...` stay).
_DOUBLED = re.compile(
    r"([，。；：、！？“”])\1+|(?<=[\u3400-\u9fff”’）)》%％])([,;:!?])\2+(?![0-9A-Za-z/])",
)


def restore(raw: str) -> TracedText:
    """Return `raw` without injected readings and doubled marks, in simplified characters.

    Nothing else is touched: white space, half-width marks and everything not Chinese stay as they came, and clean
    simplified text comes back equal. A character's extent in `raw` holds the reading injected behind it.
    """
    text = without_readings(TracedText.of(raw))
    text = text.replaced(simplified(text.text))
    return text.without((match.start() + 1, match.end()) for match in _DOUBLED.finditer(text.text))
