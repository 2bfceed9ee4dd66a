"""What is chosen can always be taken back."""

from __future__ import annotations

from bihuan.show.facets import chips, facets
from bihuan.store.entries import FacetValue

TITLES = {"kind": "Kind", "year": "Year"}


def _name(facet: str, value: FacetValue) -> str:
    return f"{facet} {value.value}"


def test_a_choice_that_leaves_no_row_is_still_shown() -> None:
    (kind, _) = facets({"kind": [FacetValue("result", "result", 3, False)]}, {"kind": ("target",)}, TITLES, _name)
    assert [(one.value, one.count, one.chosen) for one in kind.options] == [("result", 3, False), ("target", 0, True)]


def test_years_stand_newest_first_and_the_rest_by_frequency() -> None:
    values = [FacetValue(year, str(year), count, False) for year, count in ((2021, 9), (2024, 1), (2022, 5))]
    found = facets({"year": values, "kind": values}, {}, TITLES, _name)
    assert [[one.value for one in facet.options] for facet in found] == [[2021, 2024, 2022], [2024, 2022, 2021]]


def test_each_chip_leads_to_the_filter_without_it() -> None:
    shown = facets({}, {"kind": ("target",), "year": (2023, 2024)}, TITLES, _name)
    address = {"q": "发电", "kind": ["target"], "year": ["2023", "2024"]}
    without = {chip.text: chip.without for chip in chips("发电", address, shown)}
    assert without == {
        "发电": "?kind=target&year=2023&year=2024",
        "kind target": "?q=%E5%8F%91%E7%94%B5&year=2023&year=2024",
        "year 2023": "?q=%E5%8F%91%E7%94%B5&kind=target&year=2024",
        "year 2024": "?q=%E5%8F%91%E7%94%B5&kind=target&year=2023",
    }
