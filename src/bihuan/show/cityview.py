"""The city as it stands now: each entity with its readings, open signals and one light; lights by theme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import Observation
from bihuan.show.labels import N_
from bihuan.show.lights import Light
from bihuan.store import cases, devices, entities, signals
from bihuan.store.connect import Connection
from bihuan.store.signals import Kept

Standing = Literal["alarm", "warning", "silent", "fine"]
STANDINGS: Mapping[Standing, Light] = {
    "alarm": Light("red", "■"),
    "warning": Light("yellow", "◐"),
    "silent": Light("grey", "◌"),
    "fine": Light("green", "●"),
}
"""The worst first."""
_ALARMS = ("serious", "critical")


@dataclass(frozen=True, slots=True)
class Theme:
    """What one desk of an operations centre looks after."""

    id: str
    title: str
    """Catalogued English."""
    types: tuple[str, ...]
    columns: tuple[str, ...]
    """Attributes its board shows, where an entity has them."""


THEMES: Mapping[str, Theme] = {
    theme.id: theme
    for theme in (
        Theme("air", N_("Air and emissions"), ("AirStation", "EmissionOutlet"),
              ("pm25", "pm10", "so2", "nox", "no2", "o3", "co", "dust")),
        Theme("water", N_("Water"), ("WaterStation",),
              ("ph", "dissolved_oxygen", "permanganate_index", "ammonia_nitrogen", "total_phosphorus", "water_temp")),
        Theme("energy", N_("Energy use"), ("EnergyUser", "ChargingStation"),
              ("power_kw", "energy_kwh", "energy_tce", "piles", "charging")),
        Theme("vehicles", N_("Vehicles"), ("Vehicle",),
              ("speed_kmh", "soc_percent", "extremes_max_temp_c", "alarms_max_level", "mileage_km")),
        Theme("parking", N_("Parking"), ("Parking",), ("spaces", "occupied")),
        Theme("mines", N_("Mines"), ("MineFace",), ("methane_percent", "mine_co_ppm", "face_wind_speed")),
    )
}  # fmt: skip


ALL_TYPES = tuple(kind for theme in THEMES.values() for kind in theme.types)
ROOMS: Mapping[str, Any] = {"standings": STANDINGS, "themes": list(THEMES.values())}
"""What the templates of every room of the operations centre need."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """One entity now."""

    number: int
    """In the store; its address is `/entities/{number}`."""
    entity: Entity
    state: Mapping[str, Observation]
    signals: tuple[Kept, ...]
    """Not over, newest first."""
    is_silent: bool

    @property
    def standing(self) -> Standing:
        """Return its one light: what is wrong comes before silence, silence before fine."""
        severities = {one.signal.severity for one in self.signals}
        if not severities.isdisjoint(_ALARMS):
            return "alarm"
        if self.is_silent or not self.state:
            return "silent"
        return "warning" if severities else "fine"

    @property
    def last(self) -> datetime | None:
        """Return when it was last heard of."""
        return max((one.time for one in self.state.values()), default=None)

    @property
    def place(self) -> tuple[float, float] | None:
        """Return longitude and latitude: what it told last, else where it is registered."""
        lon, lat = self.state.get("lon_deg"), self.state.get("lat_deg")
        if lon and lat and isinstance(lon.value, float) and isinstance(lat.value, float):
            return lon.value, lat.value
        if self.entity.lon is None or self.entity.lat is None:
            return None
        return self.entity.lon, self.entity.lat


@dataclass(frozen=True, slots=True)
class ThemeLights:
    """How many of a theme's entities stand how."""

    theme: Theme
    counts: Mapping[Standing, int]
    last: datetime | None


def themes_of(types: Iterable[str]) -> list[Theme]:
    """Return the themes that have one of these types."""
    here = set(types)
    return [theme for theme in THEMES.values() if not here.isdisjoint(theme.types)]


def standpoints(connection: Connection, types: Iterable[str]) -> list[Standpoint]:
    """Return the entities of these types as they stand now, by type and number."""
    found: dict[int, Entity] = {}
    for kind in types:
        found |= entities.listed(connection, type=kind)
    return _stand(connection, found)


def standpoint(connection: Connection, number: int) -> Standpoint | None:
    """Return one entity as it stands now; None where there is none of that number."""
    return next(iter(_stand(connection, entities.listed(connection, numbers=[number]))), None)


def _stand(connection: Connection, found: Mapping[int, Entity]) -> list[Standpoint]:
    urns = [entity.urn for entity in found.values()]
    states = entities.latest(connection, urns)
    told: dict[str, list[Kept]] = {}
    for one in signals.of_subjects(connection, urns):
        told.setdefault(one.signal.subject, []).append(one)
    silent = {one.urn for one in devices.states(connection, silent=True)}
    return [
        Standpoint(number, entity, states.get(entity.urn, {}), tuple(told.get(entity.urn, ())), entity.urn in silent)
        for number, entity in found.items()
    ]


def lights(city: Sequence[Standpoint]) -> list[ThemeLights]:
    """Return the lights of each theme that has an entity."""
    return [_lights(theme, [one for one in city if one.entity.type in theme.types])
            for theme in themes_of(one.entity.type for one in city)]  # fmt: skip


def _lights(theme: Theme, members: Sequence[Standpoint]) -> ThemeLights:
    counted = Counter(one.standing for one in members)
    heard = max((one.last for one in members if one.last), default=None)
    return ThemeLights(theme, {standing: counted[standing] for standing in STANDINGS}, heard)


def worst_first(city: Iterable[Standpoint]) -> list[Standpoint]:
    """Return entities, those that need somebody first."""
    order = list(STANDINGS)
    return sorted(city, key=lambda one: (order.index(one.standing), one.entity.type, one.number))


def with_cases(connection: Connection, told: Sequence[Kept]) -> list[tuple[Kept, str | None]]:
    """Return signals, each with the number of the case it opened."""
    numbers = cases.numbers_of_signals(connection, ((one.signal.source, one.signal.key) for one in told))
    return [(one, numbers.get((one.signal.source, one.signal.key))) for one in told]
