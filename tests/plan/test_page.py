"""The reference page is the table that the code uses."""

from pathlib import Path

from bihuan.plan.page import page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "plan-model.md"


def test_page_is_made_from_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m bihuan.plan.page docs/reference/plan-model.md"
