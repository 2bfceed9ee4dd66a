"""Bytes -> `Source`: recognise the format by its content, check the limits, call the one module that reads it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from bihuan.core.errors import FormatError
from bihuan.read.formats.encoding import decode
from bihuan.read.formats.extraction import Extraction
from bihuan.read.formats.limits import DEFAULT_LIMITS, Limits
from bihuan.read.formats.source import Source

_HTML = re.compile(rb"(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<meta[\s>])", re.IGNORECASE)
_TAG = re.compile(rb"<(?:p|div|br|span|table|a|h[1-6])[\s/>]", re.IGNORECASE)
_PICTURES = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"BM", "BMP"),
    (b"RIFF", "WebP"),
)
_FOREIGN = (
    (b"Rar!", "a RAR archive; unpack it and give the files in it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it and give the files in it"),
    (b"\x1f\x8b", "a gzip archive; unpack it and give the file in it"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a database"),
)


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
    media_type, extract = _recognise(data, name, limits)
    found = extract(data, name, limits)
    text = found.text if found.encoding else found.text.encode("utf-8", "replace").decode("utf-8")
    limits.check_chars(len(text), name)
    if not text.strip("\ufeff \t\r\n\xa0\u3000"):
        raise FormatError("the file holds no text.", where=name, key="read.empty")
    digest = hashlib.sha256(data).hexdigest()
    return Source(name, text, digest, media_type, len(data), found.encoding, found.locators, found.published)


Extract = Callable[[bytes, str, Limits], Extraction]


def _recognise(data: bytes, name: str, limits: Limits) -> tuple[str, Extract]:
    """Return the media type and the reader of a file, by its first bytes."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        from bihuan.read.formats.office import recognise_zip

        return recognise_zip(data, name, limits)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        from bihuan.read.formats.office import recognise_ole

        return recognise_ole(data, name)
    if b"%PDF-" in data[:1024]:
        return "application/pdf", _pdf
    if data.startswith(b"{\\rtf"):
        return "application/rtf", _converted
    _refuse_foreign(data, name)
    if _is_html(data, name):
        return "text/html", _html
    return "text/plain", _plain


def _refuse_foreign(data: bytes, name: str) -> None:
    for magic, what in _PICTURES:
        if data.startswith(magic) and b"\x00" in data[:4096]:
            raise FormatError(
                f"the file is a {what} picture. A picture is not read; run it through OCR first.",
                where=name,
                key="read.scan",
            )
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise FormatError(f"the file is {what}.", where=name, key="read.unknown-format")


def _is_html(data: bytes, name: str) -> bool:
    head = data[:4096].replace(b"\x00", b"")
    begins = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")
    called = name.lower().endswith((".html", ".htm", ".xhtml", ".shtml"))
    return bool(begins and _HTML.search(head)) or (called and bool(_TAG.search(data)))


def _plain(data: bytes, name: str, limits: Limits) -> Extraction:
    text, encoding = decode(data, name)
    return Extraction(text, encoding=encoding)


def _html(data: bytes, name: str, limits: Limits) -> Extraction:
    from bihuan.read.formats.html import extract

    return extract(data, name)


def _pdf(data: bytes, name: str, limits: Limits) -> Extraction:
    from bihuan.read.formats.pdf import extract

    return extract(data, name, limits)


def _converted(data: bytes, name: str, limits: Limits) -> Extraction:
    from bihuan.read.formats.libreoffice import extract

    return extract(data, name, limits)
