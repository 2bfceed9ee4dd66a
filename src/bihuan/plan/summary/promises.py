"""What a plan promises, beside what the city has promised: figures of the ledger's indicators and the gap to targets.

A pack's `promises.yaml` says which technologies make up an indicator's figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bihuan.core.records.plan import PlanSummary
from bihuan.store.yaml_records import Field, Record, one_of, records_of

_FIELDS = (
    Field("topic"),
    Field("measure", check=one_of("capacity_kw", "gross_kwh")),
    Field("technologies", "texts"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator's figure in a plan."""

    topic: str
    """Indicator of the pack."""
    value: float
    """In the indicator's own unit: kW or kWh."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the city has promised for the plan's year."""

    topic: str
    value: float
    at_least: bool
    """Whether more is as good; else the target is exact, and only falling short is a gap, too."""
    entry: int
    """Row of the ledger."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A target and what the plan comes to."""

    target: Target
    figure: Figure

    @property
    def missing(self) -> float:
        """How much is missing, in the indicator's unit; negative where the plan does more."""
        return self.target.value - self.figure.value

    @property
    def is_missed(self) -> bool:
        """Whether the plan falls short by more than a thousandth."""
        return self.missing > 1e-3 * abs(self.target.value)


def figures(summary: PlanSummary, path: Path) -> list[Figure]:
    """Return the plan's figures of the indicators that a pack names.

    Args:
        summary: of the plan.
        path: the pack's `promises.yaml`; a pack without it promises nothing.

    Raises:
        PackError: the file has faults, all named.
    """
    return [Figure(record.text("topic"), _sum(summary, record)) for record in records_of(path, _FIELDS)]


def standings(promised: list[Figure], targets: list[Target]) -> list[Standing]:
    """Return the targets that the plan has a figure for, the largest share missing first."""
    by_topic = {figure.topic: figure for figure in promised}
    found = [Standing(target, by_topic[target.topic]) for target in targets if target.topic in by_topic]
    return sorted(found, key=lambda standing: -standing.missing / (abs(standing.target.value) or 1.0))


def _sum(summary: PlanSummary, record: Record) -> float:
    """Sum over components of the named technologies; `*` is every plant and generator."""
    wanted = set(record.texts("technologies"))
    lines = [
        line
        for line in summary.capacities
        if line.technology in wanted or ("*" in wanted and line.kind in ("thermal_units", "generators"))
    ]
    if record.text("measure") == "capacity_kw":
        return sum(line.mw for line in lines) * 1000
    return sum(line.mw * line.full_load_hours for line in lines) * 1000
