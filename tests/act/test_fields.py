"""Days and times as people enter them."""

from __future__ import annotations

import pytest

from bihuan.act.fields import day_of, moment_of
from bihuan.core.errors import InputError


@pytest.mark.parametrize(
    ("given", "instant"),
    [
        ("2026-03-02", "2026-03-02T00:00:00+08:00"),
        (" 2026-03-02 09:00 ", "2026-03-02T09:00:00+08:00"),
        ("2026-03-02T09:00", "2026-03-02T09:00:00+08:00"),
        ("2026-03-02T01:00Z", "2026-03-02T01:00:00+00:00"),
    ],
)
def test_a_time_is_chinese_unless_it_names_a_zone(given: str, instant: str) -> None:
    assert moment_of(given, "received_at").isoformat() == instant


@pytest.mark.parametrize("read", [day_of, moment_of])
@pytest.mark.parametrize("given", ["", "tomorrow", "2026-02-30", "3月2日"])
def test_what_is_no_day_is_refused_by_its_place_with_an_example(read, given: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match="2026-03") as refused:
        read(given, "due")
    assert refused.value.where == "due"
