"""Bytes -> `Source`: recognise the format, check the limits, call the one module that reads it."""

from __future__ import annotations

import hashlib

from bihuan.core.errors import FormatError
from bihuan.read.formats.encoding import decode
from bihuan.read.formats.limits import DEFAULT_LIMITS, Limits
from bihuan.read.formats.source import Source


def load(data: bytes, name: str, limits: Limits = DEFAULT_LIMITS) -> Source:
    """Return the raw text of a file with the places its format counts.

    Args:
        data: the bytes of the file.
        name: file name without folders; the content, not the extension, decides what it is.
        limits: sizes above which it is refused.

    Raises:
        FormatError: empty, too large, binary, damaged, locked, or a scan; names the file, the cause and the way out.
    """
    limits.check_bytes(len(data), name)
    if not data.strip():
        raise FormatError("the file is empty.", where=name, key="read.empty")
    text, encoding = decode(data, name)
    return Source(name, text, hashlib.sha256(data).hexdigest(), "text/plain", len(data), encoding)
