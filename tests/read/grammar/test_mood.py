"""A paragraph without a date or a heading tells by its own words whether it promises or reports."""

import pytest

from bihuan.read import read_bytes


def kinds(text: str) -> list[str]:
    return [statement.kind for statement in read_bytes(text.encode(), "window.txt", None).statements]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("推动旱作农业提质，加快种业园区建设，打造示范村12个。", "target"),
        ("完善城市功能，积极盘活闲置厂房，新建停车场8座。", "target"),
        ("推动旱作农业提质，加快种业园区建设，产量增长6%，建成示范村12个。", "result"),
        ("争取上级资金3.2亿元，实施水毁修复工程26处。", "result"),
        ("争取全年游客达到300万人次。", "target"),
        ("投产后年发电量可达12亿千瓦时。", "target"),
    ],
)
def test_the_mood_of_a_window(text: str, kind: str) -> None:
    found = kinds(text)
    assert found
    assert set(found) == {kind}
