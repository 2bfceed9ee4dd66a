"""Files of evidence: recognised by content, stored once, refused where they could act."""

import io
import zipfile
import zlib

import pytest
from docx import Document
from tests.act.conftest import CLERK, Office, at

from bihuan.act.command import Command
from bihuan.act.evidence import check, content_of, keep
from bihuan.core.errors import FormatError, MissingError

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF"


def docx(**extra: bytes) -> bytes:
    buffer = io.BytesIO()
    Document().save(buffer)
    if extra:
        with zipfile.ZipFile(buffer, "a") as archive:
            for name, content in extra.items():
                archive.writestr(name, content)
    return buffer.getvalue()


def hidden_script() -> bytes:
    inside = zlib.compress(b"1 0 <</S /JavaScript /JS (app.alert(1))>>")
    return b"%PDF-1.7\n5 0 obj <</Type /ObjStm /Filter /FlateDecode>> stream\n" + inside + b"endstream endobj"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PNG, "现场.png"),
        (b"\xff\xd8\xff\xe0" + b"0" * 40, "a.JPG"),
        (PDF, "报告.pdf"),
        (docx(), "说明.docx"),
        ("第一行\n第二行".encode(), "a.txt"),
        ("第一行，第二行".encode("gb18030"), "a.csv"),
    ],
)
def test_ordinary_files_are_taken(content: bytes, name: str) -> None:
    assert check(content, name).size_bytes == len(content)


@pytest.mark.parametrize(
    ("content", "name", "key"),
    [
        (b"", "a.png", "act.file_empty"),
        (b"MZ\x90\x00\x03", "a.exe", "act.file_type"),
        (b"MZ\x90\x00\x03", "a.png", "act.file_disguised"),
        (PDF, "a.png", "act.file_disguised"),
        (b"<html><script>alert(1)</script></html>", "a.jpg", "act.file_disguised"),
        (b"<html><script>alert(1)</script></html>", "a.txt", "act.file_active"),
        (b"#!/bin/sh\nrm -rf /", "a.txt", "act.file_active"),
        (b'<svg xmlns="x" onload="alert(1)"/>', "a.svg", "act.file_type"),
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction <</S /JavaScript>>"), "a.pdf", "act.file_active"),
        (PDF.replace(b"/Catalog", b"/Catalog /OpenAction <</S /J#61vaScript>>"), "a.pdf", "act.file_active"),
        (PDF.replace(b"/Catalog", b"/Catalog /Names <</EmbeddedFiles 3 0 R>>"), "a.pdf", "act.file_active"),
        (hidden_script(), "a.pdf", "act.file_active"),
        (docx(**{"word/vbaProject.bin": b"x"}), "a.docx", "act.file_active"),
        (docx(**{"word/embeddings/oleObject1.bin": b"x"}), "a.docx", "act.file_active"),
        (docx(), "a.xlsx", "act.file_disguised"),
        (b"PK\x03\x04 broken", "a.docx", "act.file_disguised"),
    ],
)
def test_what_is_disguised_or_could_act_is_refused(content: bytes, name: str, key: str) -> None:
    with pytest.raises(FormatError) as refused:
        check(content, name)
    assert refused.value.key == key


def test_a_giant_is_refused_packed_or_not() -> None:
    with pytest.raises(FormatError, match="at most 1,000"):
        check(PNG + b"0" * 1000, "a.png", max_bytes=1000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"0" * (201 * 1024 * 1024))
    with pytest.raises(FormatError, match="unpacks to more"):
        check(buffer.getvalue(), "a.docx")


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "C:\\x\\a.txt", "a\u202etxt.txt", "<b>.txt"])
def test_a_name_is_only_a_name(name: str) -> None:
    kept = check(b"text", name).name
    assert not set(kept) & set('/\\<>:"|?*\u202e')


def test_the_same_bytes_are_stored_once_and_read_through_their_case(office: Office) -> None:
    first, second = office.matter(), office.matter()
    with office.store.connection() as connection:
        refs = [keep(connection, PNG, name, at("2026-03-02T09:00")) for name in ("a.png", "b.png")]
        assert connection.execute("select count(*) from act_file").fetchone() == (1,)
    case = office.act(CLERK, first.number, Command("contribute", 1, note="照片", evidence=(refs[0],)))
    assert [(e.name, e.step) for e in case.evidence] == [("a.png", "assigned")]
    with office.store.connection() as connection:
        assert content_of(connection, first.number, refs[0].sha256) == ("image/png", PNG)
        with pytest.raises(MissingError):
            content_of(connection, second.number, refs[0].sha256)
