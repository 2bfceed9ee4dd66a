"""Zip containers (docx, xlsx, ofd), opened without trusting what they say of themselves."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING

from bihuan.core.errors import FormatError
from bihuan.read.formats.limits import Limits

if TYPE_CHECKING:
    from lxml import etree

_LEAST_SUSPECT = 1_000_000
"""Members below this size unpacked are never taken for a bomb, however well they pack."""


class Container:
    """The members of a zip file; sizes are checked before anything is unpacked.

    Raises:
        FormatError: truncated, locked with a password, or a zip bomb.
    """

    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        self._name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, UnicodeDecodeError) as error:
            raise damaged(name, "the file is cut short or damaged: its table of contents cannot be read") from error
        self._members = {info.filename.lstrip("/").lower(): info for info in self._zip.infolist()}
        self._check(limits)

    def _check(self, limits: Limits) -> None:
        infos = self._zip.infolist()
        if len(infos) > limits.max_entries:
            raise self._bomb(f"{len(infos):,} members")
        if sum(info.file_size for info in infos) > limits.max_unpacked_bytes:
            raise self._bomb(f"more than {limits.max_unpacked_bytes / 1e6:g} MB unpacked")
        for info in infos:
            if info.flag_bits & 1:
                raise locked(self._name)
            if info.file_size > max(_LEAST_SUSPECT, info.compress_size * limits.max_ratio):
                raise self._bomb(f"{info.filename} grows more than {limits.max_ratio} times")

    def _bomb(self, what: str) -> FormatError:
        return FormatError(
            f"refused as a zip bomb: {what}. If the file is honest, save it anew from its own program.",
            where=self._name,
            key="read.zip-bomb",
        )

    def __contains__(self, path: str) -> bool:
        return path.lower() in self._members

    def names(self) -> list[str]:
        """Return the paths of all members, in lower case."""
        return list(self._members)

    def read(self, path: str) -> bytes:
        """Return one member.

        Raises:
            FormatError: it is missing or damaged.
        """
        info = self._members.get(path.lstrip("/").lower())
        if info is None:
            raise damaged(self._name, f"the part {path} is missing")
        try:
            return self._zip.read(info)
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            ValueError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise damaged(self._name, f"the part {path} is cut short or damaged") from error

    def xml(self, path: str) -> etree._Element:
        """Return one member parsed as XML; no entities are expanded and nothing outside is fetched.

        Raises:
            FormatError: as `xml_bytes`, or it is no sound XML.
        """
        from lxml import etree

        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            return etree.fromstring(self.xml_bytes(path), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise damaged(self._name, f"the part {path} is no sound XML ({error})") from error

    def xml_bytes(self, path: str) -> bytes:
        """Return one member that shall be XML.

        Raises:
            FormatError: it is missing, damaged, or declares a document type, which no office format does.
        """
        data = self.read(path)
        plain = data.replace(b"\x00", b"") if b"\x00" in data[:64] else data
        if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
            raise FormatError(
                f"the part {path} declares XML entities, which this format never does; refused as an attack.",
                where=self._name,
                key="read.xml-entities",
            )
        return data


def damaged(name: str, what: str) -> FormatError:
    """Return the error for a file that breaks off or contradicts itself."""
    return FormatError(f"{what}. Get the file again, or open and save it anew.", where=name, key="read.damaged")


def locked(name: str) -> FormatError:
    """Return the error for a file that asks for a password."""
    return FormatError(
        "the file is protected by a password. Save it without one and try again.", where=name, key="read.password"
    )


def scan(name: str) -> FormatError:
    """Return the error for pictures of pages."""
    return FormatError(
        "the file is a scan: its pages are pictures without a text layer. Run it through character recognition (OCR) "
        "first, or find the original.",
        where=name,
        key="read.scan",
    )
