"""Whatever a vehicle tells has a name that people read."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from tests.sense import gb32960_strategies as strategies

from bihuan.sense.protocols import gb32960
from bihuan.sense.protocols.gb32960.bodies import _NAMED_ALARMS
from bihuan.sense.protocols.gb32960.handshake import Conversation
from bihuan.sense.protocols.gb32960.words import attribute_term, word_term


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30)
@given(strategies.bodies())
def test_every_attribute_has_a_name(bodies: list[dict[str, Any]]) -> None:
    frame = {"ok": True, "command": "realtime", "answer": "command", "vin": "LBIHUAN0000000001",
             "time": "2026-03-01T08:00:00+08:00", "bodies": bodies}  # fmt: skip
    upload = Conversation().receive(frame, gb32960.encode(frame)).upload
    assert upload is not None
    told = dict(zip(upload.layout.attributes, upload.values, strict=True))
    own = {name for name in told if name.startswith(("vendor_", "unknown_"))}
    assert {name for name in told.keys() - own if attribute_term(name) is None} == set()
    enumerated = {name: value for name, value in told.items() if name.endswith(("_state", "_mode"))}
    assert {value for value in enumerated.values() if isinstance(value, str) and word_term(value) is None} == set()


def test_every_alarm_of_the_table_has_a_name() -> None:
    assert [name for name in _NAMED_ALARMS if word_term(name) is None] == []


def test_a_motor_keeps_its_number() -> None:
    term = attribute_term("motor_2_temp_c")
    assert term is not None
    assert (term.name, term.english) == ("电机2温度", "Motor 2: temperature")
    assert attribute_term("motor_2_nothing") is None
