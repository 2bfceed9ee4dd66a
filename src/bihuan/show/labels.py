"""What the values of records are called on a page, in English; the catalogue has the Chinese."""

from __future__ import annotations

from collections.abc import Mapping


def N_(message: str) -> str:
    """Mark `message` for the catalogue; it is translated where it is shown."""
    return message


LABELS: Mapping[str, Mapping[str, str]] = {
    "record": {"statement": N_("Statement"), "commitment": N_("Commitment")},
    "kind": {"result": N_("Result"), "target": N_("Target")},
    "measure": {
        "level": N_("Level"),
        "growth": N_("Growth"),
        "change": N_("Change"),
        "share": N_("Share"),
        "gap": N_("Gap"),
        "rank": N_("Rank"),
    },
    "direction": {"+": N_("Up"), "-": N_("Down")},
    "bound": {
        "exact": N_("Exactly"),
        "approx": N_("About"),
        "at_least": N_("At least"),
        "at_most": N_("At most"),
    },
    "stage": {
        "planned": N_("Planned"),
        "started": N_("Started"),
        "under_way": N_("Under way"),
        "completed": N_("Completed"),
        "operating": N_("Operating"),
    },
    "verdict": {
        "met": N_("Met"),
        "missed": N_("Missed"),
        "partly": N_("Partly met"),
        "unknown": N_("Not known yet"),
        "open": N_("Not reported yet"),
    },
    "review": {
        "unreviewed": N_("As read"),
        "corrected": N_("Corrected"),
        "rejected": N_("Rejected"),
        "confirmed": N_("Confirmed"),
    },
    "role": {
        "title": N_("Title"),
        "dateline": N_("Dateline"),
        "heading": N_("Heading"),
        "body": N_("Body"),
        "table": N_("Table"),
        "noise": N_("Set aside"),
    },
}
"""Family -> stored value -> English label; an unknown value is shown as it is stored."""


def label(family: str, value: str | None) -> str:
    """Return the English label of a stored value; empty where there is none."""
    return LABELS[family].get(value or "", value or "")
