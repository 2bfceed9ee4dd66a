"""What is to be thought of a value, by rule."""

from datetime import timedelta

import pytest
from tests.sense.devices import NOW

from bihuan.core.records.observation import DeviceFlag, Layout, Quality, is_valid
from bihuan.sense.quality import Judge, Limits, of_message

AIR = Layout(("pm25", "state"), (None, None))


def judged(judge: Judge, minute: float, value: object, flags: bytes | None = None) -> int:
    quality = judge.judge(1, AIR, NOW + timedelta(minutes=minute), [value, "on"], flags)
    return 0 if quality is None else quality[0]


@pytest.mark.parametrize(("value", "expected"), [(-1.0, 16), (0.0, 0), (10.0, 0), (10.1, 16), (None, 0), ("high", 0)])
def test_what_cannot_be_is_out_of_range(value: object, expected: int) -> None:
    assert judged(Judge({"pm25": Limits(0, 10)}), 0, value) == expected


def test_a_jump_is_told_of_the_value_that_jumped_and_what_follows_is_held_against_it() -> None:
    judge = Judge({"pm25": Limits(jump=5)})
    assert [judged(judge, n, value) for n, value in enumerate([1.0, 5.0, 50.0, 51.0, 2.0])] == [0, 0, 32, 0, 32]


def test_a_sensor_that_gives_one_value_for_too_long_is_frozen() -> None:
    judge = Judge({"pm25": Limits(frozen_seconds=600)})
    assert [judged(judge, n, value) for n, value in ((0, 1.0), (10, 1.0), (11, 1.0), (12, 1.1), (13, 1.1))] == [
        0,
        0,
        64,
        0,
        0,
    ]


def test_what_the_device_calls_faulty_is_not_held_against_the_rest() -> None:
    judge = Judge({"pm25": Limits(0, 10, jump=5)})
    faulty = bytes([DeviceFlag.fault, 0])
    assert [judged(judge, 0, 1.0), judged(judge, 1, 99.0, faulty), judged(judge, 2, 2.0)] == [0, 4, 0]


def test_late_and_skewed_are_told_of_a_whole_message() -> None:
    assert of_message(NOW, "now", NOW + timedelta(minutes=11), resent=False) == Quality.late
    assert of_message(NOW, "hour", NOW + timedelta(minutes=70), resent=False) == 0
    assert of_message(NOW, "now", NOW, resent=True) == Quality.late
    assert of_message(NOW + timedelta(minutes=6), "now", NOW, resent=False) == Quality.clock_skew


def test_late_values_are_valid_and_impossible_ones_are_not() -> None:
    assert is_valid(Quality.late | Quality.clock_skew)
    assert not any(
        map(is_valid, (Quality.out_of_range, Quality.jump, Quality.frozen, Quality.duplicate, DeviceFlag.fault))
    )


def test_what_is_remembered_is_bounded() -> None:
    judge = Judge({"pm25": Limits(jump=1)}, most=3)
    for entity in range(10):
        judge.judge(entity, AIR, NOW, [1.0, "on"], None)
        judge.is_second(entity, AIR, "now", NOW, 1)
    assert len(judge._last) <= 3
    assert len(judge._messages) <= 3
