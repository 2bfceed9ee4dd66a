"""What is written in HJ 212 is read back as it was; how a talk goes on."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.errors import InputError
from bihuan.core.records.observation import DeviceFlag
from bihuan.sense.protocols import hj212
from bihuan.sense.protocols.hj212.answers import answer
from bihuan.sense.protocols.hj212.commands import COMMANDS, Edition, command
from bihuan.sense.protocols.hj212.encode import encode_in_parts
from bihuan.sense.protocols.hj212.frames import reader
from bihuan.sense.protocols.hj212.handshake import Conversation
from bihuan.sense.protocols.plugin import Step
from bihuan.sense.times import CHINA

AT = datetime(2026, 3, 1, 8, 0, tzinfo=CHINA)
HEAD = {"QN": "20260301080000123", "ST": "22", "CN": "2011", "PW": "123456", "MN": "A140300_0001", "Flag": "5"}

words = st.text(st.characters(exclude_characters=";,&#=-", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
plain_values = st.one_of(
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0),
    words.filter(lambda text: text.strip("0123456789.+-eE")),
)


@given(
    st.dictionaries(words, st.dictionaries(words, plain_values, min_size=1, max_size=3), max_size=4),
    st.dictionaries(words.filter(lambda name: name != "DataTime"), st.none() | words, max_size=3),
    st.integers(946_684_800, 4_070_908_800).map(lambda seconds: datetime.fromtimestamp(seconds, CHINA)),
)
def test_a_frame_is_read_as_it_was_written(items: Any, params: Any, at: datetime) -> None:
    items = {c: {s: str(v) if s == "SN" and v is not None else v for s, v in x.items()} for c, x in items.items()}
    items = {
        c: {s: v for s, v in x.items() if s not in ("Flag", "Info", "SN") and s[-4:] != "Time"}
        for c, x in items.items()
    }
    items = {c: x for c, x in items.items() if x}
    (got,) = hj212.decode([hj212.encode(HEAD, params, items, at)])
    assert got["ok"], got
    assert (got["head"], got["params"], got["items"], got["data_time"]) == (HEAD, params, items, at.isoformat())


def test_a_message_in_parts_is_whole_again() -> None:
    items: dict[str, dict[str, float | str | None]] = {f"w{n:05}": {"Avg": n + 0.5, "Flag": "N"} for n in range(7)}
    got = hj212.decode(list(encode_in_parts(HEAD, AT, items, codes_a_part=3)))
    assert [f["parts"]["missing"] for f in got] == [[2, 3], [3], []]
    assert got[-1]["merged"] == items


@pytest.mark.parametrize(
    ("head", "params"), [({"MN": "a;b"}, {}), ({}, {"x": "1&&"}), ({}, {"x=": "1"}), ({}, {"x": " 1"})]
)
def test_what_would_end_a_field_is_refused(head: dict[str, str], params: dict[str, str | None]) -> None:
    with pytest.raises(InputError, match="would end the field"):
        hj212.encode({**HEAD, **head}, params)


def test_a_frame_longer_than_its_length_field_can_say_is_refused() -> None:
    with pytest.raises(InputError, match="in parts"):
        hj212.encode(HEAD, {"x": "y" * 10_000})


FIELDS: dict[str, str | datetime] = {
    "BeginTime": AT,
    "EndTime": AT,
    "SystemTime": AT,
    "PolId": "w01018",
    "InfoId": "i12001",
    "RtdInterval": "30",
    "MinInterval": "10",
    "OverTime": "5",
    "ReCount": "3",
    "NewPW": "654321",
    "CstartTime": "000000",
    "Ctime": "2",
}


@pytest.mark.parametrize("code", COMMANDS)
@pytest.mark.parametrize("edition", Edition)
def test_every_command_is_a_frame_that_names_it(code: str, edition: Edition) -> None:
    fields = {name: FIELDS[name] for name in COMMANDS[code].needed}
    sent = command(code, fields, qn=AT, station="32", password="123456", device="A1", edition=edition)
    (got,) = hj212.decode([sent])
    assert got["head"]["CN"] == code
    assert got["head"]["QN"] == "20260301080000000"
    assert got["flag"] == {"ack": True, "split": False, "version": int(edition is Edition.of_2017)}
    assert len(got["params"]) == len(fields)


@pytest.mark.parametrize(
    ("code", "fields"), [("9999", {}), ("3012", {}), ("2012", {"PolId": "x"}), ("1062", {"X-Info": "1"})]
)
def test_a_command_that_is_none_or_lacks_a_field_is_refused(code: str, fields: dict[str, str]) -> None:
    with pytest.raises(InputError):
        command(code, fields, qn=AT, station="32", password="1", device="A1")


def test_a_parameter_is_set_by_its_own_name() -> None:
    fields = {"PolId": "w01018", "InfoId": "i13004", "i13004-Info": "120"}
    (got,) = hj212.decode([command("3021", fields, qn=AT, station="32", password="1", device="A1")])
    assert got["items"] == {"i13004": {"Info": "120"}}


def receive(sent: bytes) -> Step:
    ((report, raw),) = reader().feed_with_bytes(sent)
    return Conversation().receive(report, raw)  # type: ignore[arg-type]


def upload(cn: str = "2011", data: Any = None, **head: str) -> bytes:
    items = data or {"a34004": {"Rtd": 35.0, "Flag": "N"}, "w99999": {"Rtd": 1.0, "Flag": "D"}}
    return hj212.encode({**HEAD, "CN": cn, **head}, None, items, AT)


def test_an_upload_is_named_in_units_and_answered_when_asked() -> None:
    step = receive(upload())
    assert step.device == "A140300_0001"
    assert step.secret == "123456"
    assert step.upload is not None
    assert step.upload.layout.attributes == ("pm25", "w99999")
    assert step.upload.layout.units == ("微克/立方米", None)
    assert step.upload.values == [35.0, 1.0]
    assert step.upload.flags == bytes([DeviceFlag.normal, DeviceFlag.fault])
    (said,) = hj212.decode([step.answer])
    assert (said["head"]["CN"], said["head"]["QN"], said["head"]["ST"]) == ("9014", HEAD["QN"], "91")
    assert receive(upload(Flag="4")).answer == b""


def test_the_statistic_is_the_period_and_the_rest_has_names_of_its_own() -> None:
    step = receive(upload("2061", {"w01018": {"Cou": 9.0, "Min": 1.0, "Avg": 2.0, "Max": 3.0, "Flag": "N"}}, ST="32"))
    assert step.upload is not None
    assert step.upload.period == "hour"
    assert step.upload.layout.attributes == ("cod_cou", "cod_min", "cod", "cod_max")
    assert step.upload.flags is None


def test_a_repeat_is_the_same_message_and_a_part_is_not() -> None:
    first, again = receive(upload()), receive(upload())
    part = receive(upload(PNUM="2", PNO="2"))
    assert first.upload is not None
    assert again.upload is not None
    assert part.upload is not None
    assert first.upload.key == again.upload.key != part.upload.key


def test_without_a_qn_the_bytes_tell_a_repeat() -> None:
    items: Any = {"a34004": {"Rtd": 35.0}}
    head = {name: value for name, value in HEAD.items() if name != "QN"}
    keys = [receive(hj212.encode(head, None, i, AT)).upload for i in (items, items, {"a34004": {"Rtd": 36.0}})]
    assert keys[0].key == keys[1].key != keys[2].key  # type: ignore[union-attr]


def test_a_later_edition_is_refused_by_name() -> None:
    step = receive(upload(Flag="9"))
    assert (step.unsupported, step.upload, step.answer) == ("unsupported_edition", None, b"")


@pytest.mark.parametrize("edition", Edition)
@pytest.mark.parametrize(
    ("code", "result", "outcome"),
    [("9011", "1", "ready"), ("9012", "6", "device_fault"), ("9012", "77", "code 77"), ("9013", None, "noted")],
)
def test_what_a_device_says_about_a_command_is_understood(
    code: str, result: str | None, outcome: str, edition: Edition
) -> None:
    step = receive(answer(code, HEAD, edition, result))
    assert step.result is not None
    assert (step.result.number, step.result.outcome) == (HEAD["QN"], outcome)
    assert step.answer == b""


def test_a_heartbeat_is_no_data() -> None:
    step = receive(hj212.encode({**HEAD, "CN": "9015"}))
    assert (step.upload, step.facts) == (None, {"heartbeat": True})
