"""HJ 212 streams: what is read, what is refused and why, and that segmentation never matters."""

import itertools
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.sense.protocols import hj212

HEAD = "QN=20240301080000123;ST=22;CN=2011;PW=123456;MN=A110000_0001;Flag=5;"
DATA = "DataTime=20240301080000;a34004-Rtd=17.50,a34004-Flag=N;w01018-Avg=1e2"


def frame(body: str, *, crc: int | None = None, length: int | None = None) -> bytes:
    data = body.encode()
    check = hj212.crc16(data) if crc is None else crc
    return b"##%04d%s%04X\r\n" % (len(data) if length is None else length, data, check)


GOOD = frame(f"{HEAD}CP=&&{DATA}&&")


def errors(stream: bytes) -> list[str]:
    return ["ok" if f["ok"] else f["error"] for f in hj212.decode([stream])]


def test_the_crc_of_appendix_a_is_not_modbus() -> None:
    assert hj212.crc16(b"") == 0xFFFF
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
        (" a1-Rtd = 1 ; a1-Rtd=2;;stray;", {}, {"a1": {"Rtd": 2.0}}),
        (
            "a1-SampleTime=20240101;a1-SN=007;a1-Info=1",
            {},
            {"a1": {"SampleTime": "20240101", "SN": "007", "Info": "1"}},
        ),
        (
            "a1-Rtd=1.2.3;a2-Rtd=.5;a3-Rtd=٣;a4-x-y=1",
            {},
            {"a1": {"Rtd": "1.2.3"}, "a2": {"Rtd": 0.5}, "a3": {"Rtd": "٣"}, "a4": {"x-y": 1.0}},
        ),
        ("a1-Rtd=1e999", {}, {"a1": {"Rtd": "1e999"}}),
    ],
)
def test_the_data_area(data: str, params: dict[str, object], items: dict[str, object]) -> None:
    (got,) = hj212.decode([frame(f"{HEAD}CP=&&{data}&&")])
    assert (got["params"], got["items"]) == (params, items)


def test_gb18030_text_is_read() -> None:
    body = f"{HEAD}CP=&&name=阳泉&&".encode("gb18030")
    (got,) = hj212.decode([b"##%04d%s%04x" % (len(body), body, hj212.crc16(body))])
    assert got["params"] == {"name": "阳泉"}


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"\r\n\r\n" + GOOD + b"\r\n", ["ok"]),
        (b"noise\r\n" + GOOD, ["bad_header", "ok"]),
        (frame(f"{HEAD}CP=&&{DATA}&&", crc=0x1234) + GOOD, ["bad_crc", "ok"]),
        (frame(f"{HEAD}CP=&&{DATA}&&", length=20) + GOOD, ["bad_length", "ok"]),
        (frame(f"{HEAD}CP=&&{DATA}&&", length=9000), ["bad_length"]),
        (b"##00x4" + GOOD, ["bad_length_field", "ok"]),
        (GOOD[:60], ["truncated"]),
        (GOOD[:60] + GOOD, ["bad_length", "ok"]),
        (b"##01", ["truncated"]),
        (frame(HEAD) + GOOD, ["bad_cp", "ok"]),
        (frame(f"{HEAD}CP=&&"), ["bad_cp"]),
        (b"", []),
    ],
)
def test_faults_are_named_and_the_next_good_frame_is_found(stream: bytes, expected: list[str]) -> None:
    assert errors(stream) == expected


def part(number: int, item: str) -> bytes:
    return frame(f"QN=20240301080000123;ST=31;CN=2061;MN=B;Flag=7;PNUM=2;PNO={number};CP=&&{item}&&")


def test_sub_packets_are_joined_once_when_the_last_comes() -> None:
    first, second, again = hj212.decode([part(2, "b-Avg=2") + part(1, "a-Avg=1") + part(1, "a-Avg=1")])
    assert first["parts"] == {"seen": [2], "missing": [1]}
    assert second["merged"] == {"a": {"Avg": 1.0}, "b": {"Avg": 2.0}}
    assert again["parts"] == {"seen": [1, 2], "missing": []}
    assert "merged" not in first
    assert "merged" not in again


pieces = st.sampled_from([GOOD, b"##", b"#", b"\r\n", b"junk", GOOD[:40], part(1, "a-Avg=1"), b"##0005", b"##x"])


@given(st.lists(pieces, max_size=6).map(b"".join), st.data())
def test_segmentation_never_changes_the_frames(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    edges = [0, *cuts, len(stream)]
    segments = [stream[a:b] for a, b in itertools.pairwise(edges)]
    assert hj212.decode(segments) == hj212.decode([stream])


@given(st.binary(max_size=300))
def test_any_bytes_give_frames_or_refusals(stream: bytes) -> None:
    json.dumps(hj212.decode([stream + GOOD, stream]), allow_nan=False)


@pytest.mark.accept
def test_frames_found_in_public_code() -> None:
    shared = Path(os.environ.get("BIHUAN_SHARED", "../shared"))
    cases = json.loads((shared / "frames/hj212_published.json").read_text(encoding="utf-8"))["cases"]
    assert len(cases) >= 50
    for case in cases:
        got = hj212.decode([bytes.fromhex(chunk) for chunk in case["chunks"]])
        assert got == case["expect"], case["id"]
