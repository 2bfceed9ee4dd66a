"""Files of evidence: what they are is told from their bytes, what could act is refused, the rest is kept by SHA-256.

Taken: JPEG, PNG, WebP, PDF, Word and Excel without macros (.docx .xlsx), MP4, plain text. Not taken: programs, scripts,
web pages, SVG, archives, macros, PDF that carries script, launches, attachments or a password, and every file whose
name claims another type than its bytes have.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath

from bihuan.core.errors import FormatError, MissingError
from bihuan.core.messages import N_, Message
from bihuan.core.records.case import EvidenceRef
from bihuan.store import evidence
from bihuan.store.connect import Connection

MAX_BYTES = 20 * 1024 * 1024
_UNPACKED_MOST = 200 * 1024 * 1024
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIXES: Mapping[str, str] = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
    ".docx": _DOCX,
    ".xlsx": _XLSX,
    ".mp4": "video/mp4",
    ".txt": "text/plain",
    ".csv": "text/plain",
}
"""Ending of a name -> the media type its bytes must have."""
_MAGIC: tuple[tuple[bytes, int, str], ...] = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"WEBP", 8, "image/webp"),
    (b"%PDF-", 0, "application/pdf"),
    (b"ftyp", 4, "video/mp4"),
)
_PDF_ACTS = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFile|EmbeddedFiles|RichMedia|XFA|SubmitForm|ImportData|Encrypt)\b"
)
_OBJECT_STREAM = re.compile(rb"/ObjStm\b.*?stream\r?\n(.*?)endstream", re.DOTALL)
_OFFICE_ACTS = re.compile(
    r"vbaProject|activeX|embeddings/|externalLinks|customUI|attachedToolbars|\.bin$", re.IGNORECASE
)
_LINK_OUT = re.compile(rb"/(attachedTemplate|oleObject|frame|subDocument)[\"'][^>]*TargetMode=[\"']External[\"']")
_MARKUP = re.compile(rb"<\s*(!doctype|html|script|svg|iframe|\?xml|\?php|body)", re.IGNORECASE)


def keep(
    connection: Connection, content: bytes, name: str, now: datetime, *, max_bytes: int = MAX_BYTES
) -> EvidenceRef:
    """Check a file and store it; return the reference a command carries.

    Raises:
        FormatError: it is empty, too big, of a type that is not taken, disguised, or could act; nothing is stored.
    """
    checked = check(content, name, max_bytes=max_bytes)
    evidence.save(connection, checked.sha256, checked.media_type, content, now)
    return checked


def content_of(connection: Connection, number: str, sha256: str) -> tuple[str, bytes]:
    """Return media type and bytes of a case's file; whether somebody may see the case is the caller's affair.

    Raises:
        MissingError: the case has no such file.
    """
    found = evidence.of_case(connection, number, sha256)
    if found is None:
        raise MissingError(N_("the case has no such file"), where=number, key="act.no_such_file")
    return found


def check(content: bytes, name: str, *, max_bytes: int = MAX_BYTES) -> EvidenceRef:
    """Return what a file is.

    Raises:
        FormatError: as `keep`.
    """
    name = _plain_name(name)
    if not content:
        raise FormatError(N_("is empty; choose another file"), where=name, key="act.file_empty")
    if len(content) > max_bytes:
        raise FormatError(
            N_("has {size:,} bytes; at most {most:,} are taken"),
            where=name,
            key="act.file_big",
            size=len(content),
            most=max_bytes,
        )
    expected = SUFFIXES.get(PurePosixPath(name).suffix.lower())
    if expected is None:
        raise FormatError(
            N_("files of this kind are not taken; take one of {kinds}"),
            where=name,
            key="act.file_type",
            kinds=tuple(SUFFIXES),
        )
    media_type = _recognised(content, name)
    if media_type != expected:
        raise FormatError(
            N_("is {found} by its content, but {expected} by its name; save it under its right kind"),
            where=name,
            key="act.file_disguised",
            found=media_type or N_("nothing known"),
            expected=expected,
        )
    acts = next(_acts(content, media_type), None)
    if acts is not None:
        raise FormatError(
            N_("could act: it holds {what}; save it without"), where=name, key="act.file_active", what=acts
        )
    return EvidenceRef(hashlib.sha256(content).hexdigest(), name, media_type, len(content), "")


def _plain_name(name: str) -> str:
    """Return the last part of a name, without what a file system or page could take amiss."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[\x00-\x1f\x7f<>:\"|?*\u202a-\u202e\u2066-\u2069]", "_", last).strip(" .")[-120:] or "file"


def _recognised(content: bytes, name: str) -> str | None:
    for magic, offset, media_type in _MAGIC:
        if content[offset : offset + len(magic)] == magic:
            return media_type
    if content[:4] == b"PK\x03\x04":
        return _office_type(content, name)
    try:
        content.decode("utf-8-sig" if content[:3] == b"\xef\xbb\xbf" else "utf-8")
    except UnicodeDecodeError:
        return "text/plain" if _is_gb18030(content) else None
    return None if b"\x00" in content else "text/plain"


def _is_gb18030(content: bytes) -> bool:
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return not any(ord(c) < 32 and c not in "\t\r\n" for c in text)


def _office_type(content: bytes, name: str) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED_MOST:
                raise FormatError(
                    N_("unpacks to more than {most} MB; nothing was stored"),
                    where=name,
                    key="act.file_big",
                    most=_UNPACKED_MOST // 2**20,
                )
            inside = set(archive.namelist())
    except zipfile.BadZipFile:
        return None
    if "[Content_Types].xml" not in inside:
        return None
    return _DOCX if "word/document.xml" in inside else _XLSX if "xl/workbook.xml" in inside else None


def _acts(content: bytes, media_type: str) -> Iterator[str | Message]:
    """Yield what in a file could act."""
    if media_type == "application/pdf":
        for part in (content, *_object_streams(content)):
            plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda m: bytes([int(m.group(1), 16)]), part)
            yield from (f"/{found.group(1).decode()}" for found in _PDF_ACTS.finditer(plain))
    elif media_type in (_DOCX, _XLSX):
        yield from _office_acts(content)
    elif media_type == "text/plain":
        if content[:2] in (b"#!", b"MZ"):
            yield N_("a program")
        if found := _MARKUP.search(content):
            yield found.group().decode("latin-1")
    elif content[:2] == b"MZ":
        yield N_("a program")


def _object_streams(content: bytes) -> Iterator[bytes]:
    for found in _OBJECT_STREAM.finditer(content):
        try:
            yield zlib.decompressobj().decompress(found.group(1), MAX_BYTES)
        except zlib.error:
            continue


def _office_acts(content: bytes) -> Iterator[str | Message]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if _OFFICE_ACTS.search(name):
                yield name
            if name.endswith(".rels") and _LINK_OUT.search(archive.read(name)):
                yield Message(N_("a link to outside in {name}"), {"name": name})
        if b"macroEnabled" in archive.read("[Content_Types].xml"):
            yield N_("macros")
