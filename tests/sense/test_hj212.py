"""HJ 212 streams: what is read, what is refused and why, and that segmentation never matters."""

import itertools
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bihuan.sense.protocols import hj212
from bihuan.sense.protocols.hj212 import frames
from bihuan.sense.protocols.hj212.crc import TABLE

HEAD = "QN=20240301080000123;ST=22;CN=2011;PW=123456;MN=A110000_0001;Flag=5;"
DATA = "DataTime=20240301080000;a34004-Rtd=17.50,a34004-Flag=N;w01018-Avg=1e2"


def frame(body: str | bytes, *, crc: int | None = None, length: int | None = None, end: bytes = b"\r\n") -> bytes:
    data = body.encode() if isinstance(body, str) else body
    check = hj212.crc16(data) if crc is None else crc
    return b"##%04d%s%04X%s" % (len(data) if length is None else length, data, check, end)


GOOD = frame(f"{HEAD}CP=&&{DATA}&&")


def errors(stream: bytes) -> list[str]:
    return ["ok" if f["ok"] else f["error"] for f in hj212.decode([stream])]


def read(data: str, head: str = HEAD) -> dict[str, Any]:
    (got,) = hj212.decode([frame(f"{head}CP=&&{data}&&")])
    assert got["ok"], got
    return got


def crc_by_definition(body: bytes) -> int:
    """Appendix A byte by byte."""
    register = 0xFFFF
    for byte in body:
        register = TABLE[(register >> 8) ^ byte]
    return register


@given(st.binary(max_size=1500))
@example(b"")
@example(bytes(9999))
def test_the_crc_is_the_one_of_appendix_a(body: bytes) -> None:
    assert hj212.crc16(body) == crc_by_definition(body)


def test_the_crc_is_not_modbus() -> None:
    assert hj212.crc16(b"123456789") != 0x4B37  # CRC-16/MODBUS of the same bytes


def test_values_are_typed_and_the_moment_is_chinese_time() -> None:
    (got,) = hj212.decode([GOOD])
    assert got["data_time"] == "2024-03-01T08:00:00+08:00"
    assert got["items"] == {"a34004": {"Rtd": 17.5, "Flag": "N"}, "w01018": {"Avg": 100.0}}
    assert got["flag"] == {"ack": True, "split": False, "version": 1}
    assert got["params"] == {}


@pytest.mark.parametrize(
    ("data", "params", "items"),
    [
        ("DataTime=20240230080000;x=", {"DataTime": "20240230080000", "x": None}, {}),
        ("DataTime=;x=1", {"DataTime": None, "x": "1"}, {}),
        (" a1-Rtd = 1 ; a1-Rtd=2;;stray;", {}, {"a1": {"Rtd": 2.0}}),
        ("a1-Rtd=1;b1-Rtd=2;a1-Flag=N", {}, {"a1": {"Rtd": 1.0, "Flag": "N"}, "b1": {"Rtd": 2.0}}),
        ("x=1,x=2", {"x": "2"}, {}),
        ("x=a=b", {"x": "a=b"}, {}),
        ("=5", {"": "5"}, {}),
        ("a1-Flag=;a1-Rtd=", {}, {"a1": {"Flag": None, "Rtd": None}}),
        (
            "a1-SampleTime=20240101;a1-SN=007;a1-Info=1;a1-Flag=1;a1-flag=1;a1-time=5",
            {},
            {"a1": {"SampleTime": "20240101", "SN": "007", "Info": "1", "Flag": "1", "flag": 1.0, "time": 5.0}},
        ),
        (
            "a1-Rtd=1.2.3;a2-Rtd=.5;a3-Rtd=٣;a4-x-y=1",
            {},
            {"a1": {"Rtd": "1.2.3"}, "a2": {"Rtd": 0.5}, "a3": {"Rtd": "٣"}, "a4": {"x-y": 1.0}},
        ),
        ("A1-rtd=1;a1-Rtd=2", {}, {"A1": {"rtd": 1.0}, "a1": {"Rtd": 2.0}}),
        ("a1-=1", {}, {"a1": {"": 1.0}}),
        ("QN=20240301080000123;ExeRtn=1", {"QN": "20240301080000123", "ExeRtn": "1"}, {}),
        ("", {}, {}),
        ("a=1&&b=2", {"a": "1&&b=2"}, {}),
    ],
)
def test_the_data_area(data: str, params: dict[str, object], items: dict[str, object]) -> None:
    got = read(data)
    assert (got["params"], got["items"]) == (params, items)


@pytest.mark.parametrize("text", ["1", "+1", "-1.", ".5", "1.5E-3", "007", "-0", "1e+2"])
def test_a_number_is_a_number(text: str) -> None:
    assert read(f"a-Rtd={text}")["items"] == {"a": {"Rtd": float(text)}}


@pytest.mark.parametrize(
    "text",
    ["1_0", "nan", "inf", "0x1F", "1e", "e5", ".", "+-1", "--", "1 2", "１", "1e999", "-1e999", "9" * 400],  # noqa: RUF001
)
def test_what_is_no_finite_number_stays_the_text_it_is(text: str) -> None:
    assert read(f"a-Rtd={text}")["items"] == {"a": {"Rtd": text}}


@pytest.mark.parametrize(
    ("sent", "moment"),
    [
        ("20240229235959", "2024-02-29T23:59:59+08:00"),
        ("20240301080000007", "2024-03-01T08:00:00.007+08:00"),
        ("20230229000000", None),
        ("20240301240000", None),
        ("20240301080060", None),
        ("2024030108000", None),
        ("2024030108000000", None),
        ("２0240301080000", None),  # noqa: RUF001
        ("00000101000000", None),
    ],
)
def test_only_a_real_time_is_a_time(sent: str, moment: str | None) -> None:
    got = read(f"DataTime={sent}")
    assert got["data_time"] == moment
    assert got["params"] == ({} if moment else {"DataTime": sent})


@pytest.mark.parametrize(
    ("head", "fields", "flag"),
    [
        (
            "ST=32;CN=2011;Flag=;X=1;",
            {"ST": "32", "CN": "2011", "Flag": ""},
            None,
        ),
        ("Flag=0", {"Flag": "0"}, {"ack": False, "split": False, "version": 0}),
        ("Flag=7;", {"Flag": "7"}, {"ack": True, "split": True, "version": 1}),
        ("Flag=8;", {"Flag": "8"}, {"ack": False, "split": False, "version": 2}),
        ("Flag=-1;", {"Flag": "-1"}, None),
        (f"Flag={'9' * 5000};", {"Flag": "9" * 5000}, None),
        ("", {}, None),
        ("QN=1;QN=2; MN = a,b ;PW", {"QN": "2", "MN": "a,b"}, None),
        ("QN=20240301080000123;QN=5;", {"QN": "5"}, None),
        ("QN=20240301080000123;MN=XQNX;", {"QN": "20240301080000123", "MN": "XQNX"}, None),
    ],
)
def test_the_head(head: str, fields: dict[str, str], flag: dict[str, object] | None) -> None:
    got = read("x=1", head)
    assert (got["head"], got["flag"]) == (fields, flag)


def test_text_is_utf_8_or_else_gb_18030() -> None:
    for encoding in ("utf-8", "gb18030"):
        (got,) = hj212.decode([frame(f"{HEAD}CP=&&name=阳泉；娘子关&&".encode(encoding))])
        assert got["params"] == {"name": "阳泉；娘子关"}
    (got,) = hj212.decode([frame(f"{HEAD}CP=&&name=".encode() + b"\x81&&")])
    assert got["params"] == {"name": "�"}


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"\r\n\r\n" + GOOD + b"\r\n", ["ok"]),
        (GOOD[:-2] + GOOD[:-2] + b"\n\n\r" + GOOD, ["ok", "ok", "ok"]),
        (GOOD[:-6] + GOOD[-6:-2].lower() + b"junk" + GOOD, ["ok", "bad_header", "ok"]),
        (b"noise\r\n" + GOOD + b"#", ["bad_header", "ok", "bad_header"]),
        (frame(f"{HEAD}CP=&&{DATA}&&", crc=0x1234) + GOOD, ["bad_crc", "ok"]),
        (frame(f"{HEAD}CP=&&{DATA}&&", crc=0x1234) + b"junk", ["bad_crc"]),
        (GOOD[:-6] + b"+123\r\n", ["bad_crc"]),
        (frame(f"{HEAD}CP=&&{DATA}&&", length=20) + GOOD, ["bad_length", "ok"]),
        (frame(f"{HEAD}CP=&&{DATA}&&", length=9000), ["bad_length"]),
        (b"##00x4" + GOOD, ["bad_length_field", "ok"]),
        ("##００".encode() + GOOD, ["bad_length_field", "ok"]),
        (b"##+123" + GOOD, ["bad_length_field", "ok"]),
        (GOOD[:60], ["truncated"]),
        (GOOD[:60] + GOOD, ["bad_length", "ok"]),
        (frame("CP=&&&&", length=9000, end=b""), ["truncated"]),
        (frame("CP=&&&&", length=9000, end=b"\n"), ["truncated"]),
        (frame("CP=&&&&", length=9000, end=b"##"), ["bad_length", "truncated"]),
        (b"##01", ["truncated"]),
        (b"##xy", ["truncated"]),
        (b"###", ["truncated", "truncated"]),
        (frame(HEAD) + GOOD, ["bad_cp", "ok"]),
        (frame(HEAD + "##0000"), ["bad_cp"]),
        (frame(f"{HEAD}CP=&&"), ["bad_cp"]),
        (frame(f"{HEAD}CP=&&&"), ["bad_cp"]),
        (frame(f"{HEAD}CP=&&&&"), ["ok"]),
        (frame(f"{HEAD}CP=&&x=1&& "), ["bad_cp"]),
        (frame(""), ["bad_cp"]),
        (frame("CP=&&" + "x=1;" * 500 + "&&"), ["ok"]),
        (b"", []),
    ],
)
def test_faults_are_named_and_the_next_good_frame_is_found(stream: bytes, expected: list[str]) -> None:
    assert errors(stream) == expected


def part(number: int, item: str, extra: str = "", qn: str = "QN=20240301080000123;") -> bytes:
    return frame(f"{qn}ST=31;CN=2061;MN=B;Flag=7;PNUM=2;PNO={number};CP=&&{extra}{item}&&")


def test_sub_packets_are_joined_once_when_the_last_comes() -> None:
    first, second, again = hj212.decode([part(2, "b-Avg=2") + part(1, "a-Avg=1") + part(1, "a-Avg=1")])
    assert first["parts"] == {"seen": [2], "missing": [1]}
    assert second["merged"] == {"a": {"Avg": 1.0}, "b": {"Avg": 2.0}}
    assert again["parts"] == {"seen": [1, 2], "missing": []}
    assert "merged" not in first
    assert "merged" not in again


def test_without_a_qn_the_data_time_tells_which_message_a_part_belongs_to() -> None:
    times = ("DataTime=20240301080000;", "DataTime=20240301090000;")
    got = hj212.decode([part(1, "a-Avg=1", times[0], "") + part(2, "b-Avg=2", times[1], "")])
    assert [f["parts"]["missing"] for f in got] == [[2], [1]]


@pytest.mark.parametrize("numbers", ["PNUM=1;PNO=1", "PNUM=2;PNO=0", "PNUM=2;PNO=3", "PNUM=;PNO=1", "PNUM=2", "PNO=1"])
def test_what_is_no_part_has_no_parts(numbers: str) -> None:
    assert "parts" not in read("a-Rtd=1", f"{HEAD}{numbers};")


names = st.sampled_from(["a34004-Rtd", "a34004-Flag", "w01018-Avg", "w01018-Flag", "DataTime", "x", "a-b-c", ""])
values = st.one_of(
    st.sampled_from(["N", "1", "-2.5", "1e3", "", " 3", "1.2.3", "20240301080000", "a=b", "阳", "\x1f"]),
    st.floats(allow_nan=False, allow_infinity=False).map(str),
)
areas = st.lists(st.tuples(names, values, st.sampled_from(";,")), max_size=8).map(
    lambda pieces: "".join(f"{name}={value}{separator}" for name, value, separator in pieces)
)


@given(areas, areas)
def test_what_was_read_before_never_changes_what_is_read(data: str, other: str) -> None:
    """A known shape is a short cut to the same result."""
    bodies = [f"{HEAD}CP=&&{text}&&".encode() for text in (data, data, data, other, data)]
    frames._senders.clear()
    warm = hj212.decode([b"".join(map(frame, bodies))])
    for got, body in zip(warm, bodies, strict=True):
        frames._senders.clear()
        assert hj212.decode([frame(body)]) == [got]


def test_a_known_shape_is_in_use() -> None:
    frames._senders.clear()
    area = "DataTime=20240301080000;a34004-Rtd={},a34004-Flag=N;b-Rtd=2,b-Flag=D"
    sent = [frame(f"{HEAD}CP=&&{area.format(value)}&&") for value in ("17.5", "18", "-0.5", "3", "1.2.3")]
    reports = [r for r in frames.reader().feed(b"".join(sent)) if isinstance(r, frames.Report)]
    assert reports[2].names is reports[3].names
    assert [r.values[0] for r in reports] == [17.5, 18.0, -0.5, 3.0, "1.2.3"]
    assert all(r.values[1:] == ["N", 2.0, "D"] for r in reports)


pieces = st.sampled_from(
    [GOOD, b"##", b"#", b"\r\n", b"junk", GOOD[:40], GOOD[:-2], part(1, "a-Avg=1"), b"##0005", b"##x", GOOD[:-3] + b"0"]
)


def segments_of(stream: bytes, data: st.DataObject) -> list[bytes]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    return [stream[a:b] for a, b in itertools.pairwise([0, *cuts, len(stream)])]


@given(st.lists(pieces, max_size=6).map(b"".join), st.data())
def test_segmentation_never_changes_the_frames(stream: bytes, data: st.DataObject) -> None:
    whole = hj212.decode([stream])
    assert hj212.decode(segments_of(stream, data)) == whole
    assert hj212.decode([bytes([byte]) for byte in stream]) == whole


@given(st.integers(1, len(GOOD) - 1))
def test_a_frame_cut_short_never_gives_a_value(end: int) -> None:
    got = hj212.decode([GOOD[:end]])
    if end >= len(GOOD) - 2:  # only CR LF is missing
        assert got == hj212.decode([GOOD])
    else:
        assert [f["ok"] for f in got] == [False]


@given(st.binary(max_size=300))
def test_any_bytes_give_frames_or_refusals(stream: bytes) -> None:
    json.dumps(hj212.decode([stream + GOOD, stream]), allow_nan=False)


@given(st.binary(max_size=200))
def test_any_checked_body_gives_a_frame_or_bad_cp(body: bytes) -> None:
    assert errors(frame(body)) in (["ok"], ["bad_cp"])
    json.dumps(hj212.decode([frame(b"CP=&&" + body + b"&&")]), allow_nan=False)


@pytest.mark.accept
def test_frames_found_in_public_code() -> None:
    shared = Path(os.environ.get("BIHUAN_SHARED", "../shared"))
    cases = json.loads((shared / "frames/hj212_published.json").read_text(encoding="utf-8"))["cases"]
    assert len(cases) >= 50
    for case in cases:
        got = hj212.decode([bytes.fromhex(chunk) for chunk in case["chunks"]])
        assert got == case["expect"], case["id"]
