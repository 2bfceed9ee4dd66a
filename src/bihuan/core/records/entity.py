"""What the city knows the state of, and the devices that tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

URN = "urn:ngsi-ld:"
"""How the identifier of an entity begins (ETSI GS CIM 009, annex A)."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A station, a vehicle, a firm, a car park: NGSI-LD shaped."""

    urn: str
    """`urn:ngsi-ld:AirStation:yq-01`."""
    type: str
    """`AirStation`."""
    name: str
    lon: float | None = None
    """CGCS2000, degrees; None where it has no place."""
    lat: float | None = None
    district: str | None = None
    """Name of a place of the pack."""
    owner: str | None = None
    """Office of the pack that answers for it."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """What no device measures: name to a plain value or an NGSI-LD attribute."""
    synthetic: bool = False
    """Made up, by the simulator."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device of the registry: whose frames are obeyed."""

    protocol: str
    id: str
    """MN of HJ 212, VIN of GB/T 32960, client of MQTT."""
    entity: str
    """URN of the entity whose state it tells."""
    secret: str | None = None
    """Password in the clear when registered; never read back."""
    expected_seconds: int | None = None
    """How often it reports; None: its silence is no fault."""
    edition: str | None = None
    """What it speaks, where its frames tell wrongly: `2017`."""
    sends: Mapping[str, str] = field(default_factory=dict)
    """Unit it sends an attribute in, where that is not the canonical one."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A device as a gateway needs it."""

    number: int
    entity: int
    """Number of its entity in the store."""
    secret: str | None
    """Hash."""
    edition: str | None
    sends: Mapping[str, str]
    active: bool


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device as an operator sees it."""

    protocol: str
    id: str
    urn: str
    name: str
    type: str
    owner: str | None
    district: str | None
    expected_seconds: int | None
    active: bool
    synthetic: bool
    seen_at: datetime | None
    frames: int
    silent_since: datetime | None
