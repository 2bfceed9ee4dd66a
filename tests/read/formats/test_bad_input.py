"""Input that is empty, damaged, locked, hostile or not what it claims: one kind of error with file, cause, way out."""

import re
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.core.errors import BihuanError, FormatError
from bihuan.read.formats import DEFAULT_LIMITS, Limits, load
from bihuan.read.pipeline import Reading, read_bytes

XML_BOMB = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "增长九成"><!ENTITY b "&a;&a;&a;">]><d>&b;</d>'


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        ("\ufeff　\n".encode(), "no text"),
        (bytes(range(256)) * 8, "binary data"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "PNG picture"),
        (b"\xff\xd8\xff\xe0" + bytes(64), "JPEG picture"),
        (b"Rar!\x1a\x07\x00" + bytes(64), "RAR archive"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(64), "7z archive"),
        (b"\x1f\x8b\x08" + bytes(64), "gzip"),
        (b"MZ\x90\x00" + bytes(64), "a program"),
        (b"%PDF-1.7\n%%EOF\n", "damaged"),
        (b"PK\x05\x06" + bytes(18), "zip archive"),
        (b"PK\x03\x04" + bytes(64), "table of contents"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cut short or damaged"),
    ],
)
def test_refused_by_content_with_the_name_in_front(data: bytes, cause: str) -> None:
    with pytest.raises(FormatError, match=rf"^上报\.txt: .*{cause}"):
        load(data, "上报.txt")


def test_size_is_refused_before_any_work() -> None:
    class Unread(bytes):
        def strip(self, *_: object) -> bytes:
            raise AssertionError("looked into")

    with pytest.raises(FormatError, match=r"more than 0\.001 MB. Split it, or raise the limit"):
        load(Unread(b"x" * 1001), "big.txt", Limits(max_bytes=1000))


def test_a_hundred_megabytes_in_one_line_are_refused() -> None:
    with pytest.raises(FormatError, match="more than 50 MB"):
        load("增".encode() * 34_000_000, "line.txt")


def test_the_limit_on_text_holds_for_what_is_unpacked(make) -> None:
    with pytest.raises(FormatError, match="more than 1,000 characters"):
        load(make.docx(["增长" * 600]), "a.docx", Limits(max_chars=1000))


@pytest.mark.parametrize("size", [0.2, 0.6, 0.98])
def test_truncated_office_files(make, size: float) -> None:
    for name, data in {
        "a.docx": make.docx(),
        "a.xlsx": make.xlsx([["甲", 1]]),
        "a.ofd": make.ofd([[(1, 1, "甲")]]),
    }.items():
        with pytest.raises(FormatError, match=f"{name}: the file is cut short or damaged"):
            load(data[: int(len(data) * size)], name)


def test_password_protected_office_files(make) -> None:
    data = make.ole({"EncryptedPackage": b"x", "EncryptionInfo": b"y"})
    for name in ("a.docx", "a.xlsx"):
        with pytest.raises(FormatError, match=f"{name}: the file is protected by a password"):
            load(data, name)


def test_a_locked_member_of_a_zip(make) -> None:
    data = bytearray(make.docx())
    data[6] |= 1
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    with pytest.raises(FormatError, match="password"):
        load(bytes(data), "a.docx")


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (DEFAULT_LIMITS, "grows more than 200 times"),
        (Limits(max_unpacked_bytes=1_000_000), "more than 1 MB unpacked"),
        (Limits(max_entries=2), "3 members"),
    ],
)
def test_zip_bombs(make, limits: Limits, what: str) -> None:
    data = make.zip({"word/document.xml": b"<a/>", "word/media/x": bytes(5_000_000), "y": b""})
    with pytest.raises(FormatError, match=rf"refused as a zip bomb: .*{what}"):
        load(data, "bomb.docx", limits)


@pytest.mark.parametrize("part", ["word/document.xml", "xl/workbook.xml", "OFD.xml"])
def test_xml_that_declares_entities(make, part: str) -> None:
    with pytest.raises(FormatError, match="declares XML entities"):
        load(make.zip({part: XML_BOMB}), "a.docx")


def test_entities_in_a_sheet_are_not_expanded(make) -> None:
    import io
    import zipfile

    parts = {}
    with zipfile.ZipFile(io.BytesIO(make.xlsx([["甲"]]))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    declared = sheet.replace("<worksheet", '<!DOCTYPE w [<!ENTITY a "99999">]><worksheet', 1)
    parts["xl/worksheets/sheet1.xml"] = declared.replace("<v>0</v>", "<v>&a;</v>").encode()
    with pytest.raises(FormatError):
        load(make.zip(parts), "a.xlsx")


@pytest.mark.parametrize("name", ["report.pdf", "report.docx", "report.xls", "report"])
def test_a_wrong_extension_is_read_by_content(make, name: str) -> None:
    assert load(make.first.encode(), name).media_type == "text/plain"
    assert load(make.docx(), name).text.startswith(make.title)


@pytest.mark.parametrize(
    ("parts", "advice"),
    [
        ({"content.xml": "<a/>", "mimetype": "x"}, "OpenDocument"),
        ({"ppt/presentation.xml": "<a/>"}, "presentation"),
        ({"a.txt": "x"}, "zip archive"),
    ],
)
def test_containers_that_are_not_read_say_what_to_do(make, parts: dict[str, str], advice: str) -> None:
    with pytest.raises(FormatError, match=advice):
        load(make.zip(parts), "a.docx")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a program called soffice first on the path."""

    def install(script: str) -> None:
        program = tmp_path / "soffice"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return install


def word_file(make) -> bytes:
    return make.ole({"WordDocument": b"x"})


def test_old_word_files_ask_for_libreoffice(make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for name, data in {"a.doc": word_file(make), "a.wps": word_file(make), "a.rtf": rb"{\rtf1 x}"}.items():
        with pytest.raises(FormatError, match=rf"{name}: .*install it \(apt-get install libreoffice-writer\)"):
            load(data, name)


def test_old_word_files_are_read_through_libreoffice(make, office, tmp_path: Path) -> None:
    (tmp_path / "ready.docx").write_bytes(make.docx())
    office(f'while [ "$1" != --outdir ]; do shift; done\ncp "{tmp_path}/ready.docx" "$2/input.docx"')
    source = load(word_file(make), "a.doc")
    assert source.text.splitlines() == list(make.lines)
    assert source.media_type == "application/msword"


def test_a_conversion_that_fails_says_what_was_said(make, office) -> None:
    office("echo 'source file could not be loaded' >&2; exit 1")
    with pytest.raises(FormatError, match=r"could not convert the file .*source file could not be loaded"):
        load(word_file(make), "a.doc")


# Fuzz: whatever comes in, our own errors only, and every quote stands at its offset.

FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def check(data: bytes, name: str) -> None:
    try:
        reading = read_bytes(data, name, None)
    except BihuanError as error:
        where = error.where
    else:
        where = name
        check_offsets(reading)
    assert where == name


def check_offsets(reading: Reading) -> None:
    raw = reading.source.text
    for record in (*reading.statements, *reading.commitments):
        assert raw[record.start : record.start + len(record.quote)] == record.quote
    for passage in reading.outline.passages:
        assert 0 <= passage.start <= passage.end <= len(raw)
    offsets = [offset for offset, _ in reading.source.locators]
    assert offsets == sorted(offsets)
    assert all(0 <= offset <= len(raw) for offset in offsets)


MAGIC = [b"", b"%PDF-1.4\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html>", b"\xff\xfe", b"{\\rtf1"]


@FUZZ
@given(st.sampled_from(MAGIC), st.binary(max_size=400), st.sampled_from([b"", b"%%EOF"]))
def test_random_bytes(magic: bytes, noise: bytes, end: bytes) -> None:
    check(magic + noise + end, "noise.bin")


@pytest.fixture(scope="module")
def valid(make) -> dict[str, bytes]:
    page = [(30, 40, make.heading), (30, 50, make.first)]
    rows = [["指标", "单位", "2023年"], ["粮食总产量", "万吨", 52.4]]
    return {
        "a.txt": "\n".join(make.lines).encode("gb18030"),
        "a.html": f"<html><body><p>{make.first}</p><table><tr><td>甲<td>1</table></body></html>".encode(),
        "a.docx": make.docx(rows=[["甲", "乙"], ["1", "2"]]),
        "a.pdf": make.pdf(header="页眉"),
        "a.ofd": make.ofd([page]),
        "a.xlsx": make.xlsx(rows),
        "a.xls": make.xls(rows),
    }


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.docx", "a.pdf", "a.ofd", "a.xlsx", "a.xls"])
@FUZZ
@given(data=st.data())
def test_valid_files_cut_and_bent(valid: dict[str, bytes], name: str, data: st.DataObject) -> None:
    whole = valid[name]
    bent = bytearray(whole)
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        bent[at] = data.draw(st.integers(0, 255))
    check(bytes(bent[: data.draw(st.integers(0, len(whole)))] if data.draw(st.booleans()) else bent), name)


@pytest.mark.parametrize("part", ["word/document.xml", "xl/worksheets/sheet1.xml", "Doc_0/Pages/Page_0/Content.xml"])
@FUZZ
@given(data=st.data())
def test_bent_parts_inside_a_sound_container(valid: dict[str, bytes], part: str, data: st.DataObject) -> None:
    import io
    import zipfile

    name = {"word": "a.docx", "xl": "a.xlsx", "Doc_0": "a.ofd"}[part.split("/")[0]]
    with zipfile.ZipFile(io.BytesIO(valid[name])) as archive:
        parts = {path: archive.read(path) for path in archive.namelist()}
    digits = [m.start() for m in re.finditer(rb"\d", parts[part])]
    bent = bytearray(parts[part])
    for at in data.draw(st.lists(st.sampled_from(digits), max_size=8)):
        bent[at] = data.draw(st.sampled_from(b"0123456789-.xA"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, content in (parts | {part: bytes(bent)}).items():
            archive.writestr(path, content)
    check(out.getvalue(), name)


WORDS = """一、工作回顾 （一） 1. 2023年 今年 粮食总产量 達到 产(chan)业(ye) (km) 52.4万吨 ， 。 ； 、 同比增长3.1% 分别增长 5%、7%
    和 3—5个 不低于 约 两成 翻一番 4.1∶1 零点五 开工建设 建成投产 清河大桥 年内 8月底前 𠮷 👩‍🔧 ( ） % . - 第三批 十四五 首页 新闻 著力 分鐘"""
SIGNS = ["\n", "\r\n", "\u3000", " ", "\ufeff", "\x0b", "\u2028", " | ", "\t", "e\u0301", "亿" * 30, "9" * 40]
PIECES = st.sampled_from([*WORDS.split(), *SIGNS])


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | st.text(max_size=6), max_size=40).map("".join))
def test_damaged_text_through_the_whole_pipeline(text: str) -> None:
    check(text.encode("utf-8", "ignore"), "damaged.txt")
