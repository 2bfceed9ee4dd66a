"""What the values of records are called on a page, in English; the catalogue has the Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.core.messages import N_ as N_  # pages mark their own words with it

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
    "run": {
        "waiting": N_("Waiting"),
        "running": N_("Solving"),
        "optimal": N_("Proven optimum"),
        "failed": N_("No plan"),
        "cancelled": N_("Cancelled"),
    },
    "role": {
        "title": N_("Title"),
        "dateline": N_("Dateline"),
        "heading": N_("Heading"),
        "body": N_("Body"),
        "table": N_("Table"),
        "noise": N_("Set aside"),
    },
    "event": {
        "document.imported": N_("Document taken in"),
        "document.reread": N_("Document read anew"),
        "document.removed": N_("Document removed"),
        "entry.corrected": N_("Row corrected"),
        "entry.rejected": N_("Row rejected"),
        "entry.confirmed": N_("Row confirmed"),
        "entry.review_undone": N_("Review taken back"),
    },
    "light": {
        "green": N_("On time"),
        "blue": N_("Near due"),
        "yellow": N_("Warning"),
        "orange": N_("Serious"),
        "red": N_("Overdue"),
    },
    "clock": {
        "running": N_("Running"),
        "suspended": N_("Suspended"),
        "met": N_("Met in time or late"),
        "dropped": N_("No longer needed"),
    },
    "standing": {
        "alarm": N_("Alarm"),
        "warning": N_("Watch"),
        "silent": N_("Silent"),
        "fine": N_("In order"),
    },
    "severity": {
        "info": N_("Hint"),
        "warning": N_("Early warning"),
        "serious": N_("Grave"),
        "critical": N_("Critical"),
    },
    "entity_type": {
        "AirStation": N_("Air station"),
        "WaterStation": N_("Water section"),
        "EmissionOutlet": N_("Emission outlet"),
        "EnergyUser": N_("Energy user"),
        "ChargingStation": N_("Charging station"),
        "Vehicle": N_("Vehicle"),
        "Parking": N_("Car park"),
        "MineFace": N_("Mine face"),
        "Enterprise": N_("Enterprise"),
    },
    "quality": {
        "stopped": N_("Out of operation"),
        "maintenance": N_("Under maintenance"),
        "manual": N_("Entered by hand"),
        "fault": N_("Device fault"),
        "calibration": N_("Calibration"),
        "over_range": N_("Over the measuring range"),
        "no_contact": N_("No contact"),
        "other": N_("Unknown flag"),
        "out_of_range": N_("Impossible value"),
        "jump": N_("Jump"),
        "frozen": N_("Frozen"),
        "late": N_("Late"),
        "duplicate": N_("Second message of its time"),
        "clock_skew": N_("From the future"),
    },
    "relation": {
        "parent": N_("Split off from"),
        "child": N_("Subcase"),
        "blocks": N_("Blocks"),
        "blocked_by": N_("Blocked by"),
        "repeats": N_("Repeats"),
        "repeated_by": N_("Repeated by"),
        "related": N_("Related to"),
    },
    "input": {
        "lead": N_("Leading unit"),
        "supports": N_("Supporting units"),
        "unit": N_("Unit"),
        "office": N_("Assigning office"),
        "profile": N_("Day profile"),
        "received_at": N_("Received at"),
        "clock": N_("Time limit"),
        "days": N_("Working days"),
        "until": N_("Or until"),
        "grade": N_("Grade"),
        "rating": N_("Rating"),
        "other": N_("Number of the other case"),
        "parts": N_("Subcases, one a line"),
        "note": N_("What is to be said"),
        "files": N_("Evidence"),
        "evidence": N_("Evidence"),
        "file": N_("File"),
        "action": N_("Action"),
        "version": N_("Version"),
        "type": N_("Type"),
        "password": N_("Password"),
    },
    "actor": {"local": N_("This machine"), "demo": N_("Demonstration"), "import": N_("Command line")},
}
"""Family -> stored value -> English label; an unknown value is shown as it is stored."""

FIELDS: Mapping[str, str] = {
    "name": N_("Name"),
    "value": N_("Value"),
    "unit": N_("Unit"),
    "measure": N_("Measure"),
    "direction": N_("Direction"),
    "bound": N_("Bound"),
    "reference": N_("Measured against"),
    "verb": N_("Action"),
    "stage": N_("Stage"),
    "due": N_("Due"),
    "kind": N_("Kind"),
    "period": N_("Period"),
    "subject": N_("Subject"),
    "canonical": N_("In the registry"),
}
"""Field of a row -> what it is called."""


def label(family: str, value: str | None) -> str:
    """Return the English label of a stored value; empty where there is none."""
    return LABELS[family].get(value or "", value or "")
