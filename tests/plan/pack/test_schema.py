"""The schema accepts what ships, refuses what the reader refuses, and the reference page is the table of fields."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from bihuan.plan.pack.schema import component_schema, reference_tables
from bihuan.store.packs import SHIPPED

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "energy-pack.md"


@pytest.mark.parametrize(
    "path", sorted((SHIPPED / "yangquan" / "energy" / "components").glob("*.yaml")), ids=lambda p: p.stem
)
def test_what_ships_fits_the_schema(path: Path) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), component_schema())


@pytest.mark.parametrize(
    "text",
    [
        "buses: [{carrier: heat}]",
        "lords: []",
        "fuels: [{name: coal, price: many, co2: 2.8}]",
        "fuels: [{name: coal, price: {value: 600, unit: CNY/t}, co2: 2.8}]",
        "budgets: [{name: cap, type: steam, limit: 1}]",
    ],
)
def test_what_the_reader_refuses_does_not_fit(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), component_schema())


def test_the_reference_page_holds_every_field() -> None:
    assert reference_tables().strip() in PAGE.read_text(encoding="utf-8")
