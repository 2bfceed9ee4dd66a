"""What people type: kept to plain text, without markup, and without numbers that identify a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bihuan.core.errors import InputError
from bihuan.core.messages import N_

_MARKUP = re.compile(r"<\s*[a-zA-Z/!?]|&#\w+;|(?i:javascript|vbscript)\s*:|(?i:data\s*:\s*text/html)")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)")
BLANK = "***"
MASK = "**"
"""What stands in every masked value, and in no whole one."""


def plain_text(text: str, where: str, *, limit: int, lines: bool = True) -> str:
    """Return a text as it is kept: composed (NFC), trimmed.

    Args:
        text: as typed.
        where: field it was typed into, for the message.
        limit: most characters.
        lines: whether it may have several lines.

    Raises:
        InputError: it is too long, holds markup or control characters.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if len(text) > limit:
        raise InputError(
            N_("has {length:,} characters; at most {limit:,} are taken"),
            where=where,
            key="act.too_long",
            length=len(text),
            limit=limit,
        )
    if found := _MARKUP.search(text):
        raise InputError(
            N_("holds markup ({found}…); write plain text without HTML or script"),
            where=where,
            key="act.markup",
            found=found.group(),
        )
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co") and c not in ("\n\t" if lines else "") for c in text):
        raise InputError(N_("holds control characters; type the text again"), where=where, key="act.control")
    return text


def without_numbers(text: str, where: str) -> str:
    """Return a text that goes into the event chain, which nobody can take anything out of.

    Raises:
        InputError: it holds a mobile telephone or identity number.
    """
    if _MOBILE.search(text) or _IDENTITY.search(text):
        raise InputError(
            N_("holds a telephone or identity number; such numbers belong into the fields for personal data"),
            where=where,
            key="act.personal_number",
        )
    return text


def redacted(text: str, known: Iterable[str] = ()) -> str:
    """Return a text with telephone and identity numbers blanked, and every one of the `known` personal values in it."""
    for value in sorted((value for value in known if len(value) > 1), key=len, reverse=True):
        text = text.replace(value, BLANK)
    return _MOBILE.sub(BLANK, _IDENTITY.sub(BLANK, text))


def masked(text: str) -> str:
    """Return a personal value as those see it who may not: a telephone number keeps its ends, other text its first character."""
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 7 and len(digits) >= len(text) * 0.7:
        return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"{digits[:2]}****{digits[-2:]}"
    return text[:1] + MASK if text else ""
