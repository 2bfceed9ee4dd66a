"""Fields of a case as a reader writes them."""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.act.case_type_file import load_case_types
from bihuan.act.units import Units
from bihuan.show.case_facts import field_text
from bihuan.show.language import Language
from bihuan.store.packs import default_pack


@pytest.mark.parametrize(
    ("case_type", "field", "value", "language", "text"),
    [
        ("project", "total_yuan", 620000000, "zh-CN", "6.2 亿元"),
        ("project", "total_yuan", 620000000, "en", "620 m yuan"),
        ("project", "done", 52.5, "zh-CN", "52.5 %"),
        ("hazard", "level", "orange", "en", "Orange (larger)"),
        ("hotline", "topic", "heating", "zh-CN", "供热"),
        ("hotline", "topic", "no longer a choice", "zh-CN", "no longer a choice"),
        ("promise", "milestones", ["2026-03-31", "2026-06-30"], "zh-CN", "2026-03-31、2026-06-30"),
    ],
)
def test_a_value_reads_as_people_write_it(
    case_type: str, field: str, value: Any, language: Language, text: str
) -> None:
    pack = default_pack()
    spec = load_case_types(pack)[case_type].fields[field]
    assert field_text(spec, value, Units(pack.organisations), language) == text
