"""From what a pack says of devices to what the engine works with."""

from __future__ import annotations

from bihuan.core.records.sensing import AttributeKind, Sensing
from bihuan.sense.protocols.hj212.pollutants import by_attribute
from bihuan.sense.quality import Limits
from bihuan.sense.rolling import Rolling
from bihuan.sense.rollups import MONITORING, Counter


def limits_of(sensing: Sensing) -> dict[str, Limits]:
    """Return what attributes can be: the pack's word, and the standard's for factors the pack does not name."""
    standard = {name: Limits(known.lowest, known.highest) for name, known in by_attribute().items()}
    return standard | {name: _limits(kind) for name, kind in sensing.attributes.items()}


def rolling_of(sensing: Sensing) -> Rolling:
    """Return how the city rolls up."""
    counters = {name: Counter(kind.wraps_at) for name, kind in sensing.attributes.items() if kind.is_counter}
    return Rolling(counters, dict.fromkeys(sensing.policy.monitoring, MONITORING))


def units_of(sensing: Sensing) -> dict[str, str | None]:
    """Return the canonical unit of each attribute that is known."""
    standard = {name: known.unit for name, known in by_attribute().items()}
    return standard | {name: kind.unit for name, kind in sensing.attributes.items()}


def _limits(kind: AttributeKind) -> Limits:
    frozen = None if kind.frozen_minutes is None else 60 * kind.frozen_minutes
    return Limits(kind.lowest, kind.highest, kind.jump, frozen)
