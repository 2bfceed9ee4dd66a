"""Which office format a zip or OLE container holds."""

from __future__ import annotations

import io
from collections.abc import Callable

import olefile

from bihuan.core.errors import FormatError
from bihuan.read.formats.container import Container, damaged, locked
from bihuan.read.formats.extraction import Extraction
from bihuan.read.formats.limits import Limits

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
DOC = "application/msword"
OFD = "application/ofd"

Extract = Callable[[bytes, str, Limits], Extraction]


def recognise_zip(data: bytes, name: str, limits: Limits) -> tuple[str, Extract]:
    """Return media type and reader of a zip container by the part that only this format has.

    Raises:
        FormatError: an archive, a format that is not read, or a container that does not open.
    """
    parts = Container(data, name, limits)
    if "word/document.xml" in parts:
        from bihuan.read.formats.docx import extract

        return DOCX, extract
    if "xl/workbook.xml" in parts:
        from bihuan.read.formats.xlsx import extract

        return XLSX, extract
    if "ofd.xml" in parts:
        from bihuan.read.formats.ofd import extract

        return OFD, extract
    raise FormatError(_foreign(parts), where=name, key="read.unknown-format")


def _foreign(parts: Container) -> str:
    names = parts.names()
    if "content.xml" in parts and "mimetype" in parts:
        return "the file is an OpenDocument. Save it as docx or xlsx."
    if any(path.startswith("ppt/") for path in names):
        return "the file is a presentation. Save its text as docx or pdf."
    return "the file is a zip archive. Unpack it and give the files in it."


def recognise_ole(data: bytes, name: str) -> tuple[str, Extract]:
    """Return media type and reader of an OLE container (Word and Excel before 2007, WPS, encrypted Office files).

    Raises:
        FormatError: locked, damaged, or a format that is not read.
    """
    streams = _streams(data, name)
    if "encryptedpackage" in streams or "encryptioninfo" in streams:
        raise locked(name)
    if "workbook" in streams or "book" in streams:
        from bihuan.read.formats.xls import extract

        return XLS, extract
    if "worddocument" in streams:
        from bihuan.read.formats.libreoffice import extract

        return DOC, extract
    raise FormatError(
        "the file is an old Office container that holds neither a text nor a table. Save it as docx or xlsx.",
        where=name,
        key="read.unknown-format",
    )


def _streams(data: bytes, name: str) -> set[str]:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            return {path[-1].lower() for path in container.listdir()}
    except Exception as error:
        raise damaged(name, "the file is cut short or damaged: its table of contents cannot be read") from error
