"""What every room needs of the running cockpit: its place in the navigation, a transaction, the registry, settings."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from fastapi import Request

from bihuan.act.engine import Engine
from bihuan.act.scorecard import Formula
from bihuan.show.desk import ReadingDesk
from bihuan.show.linker import Linker
from bihuan.show.planner import Planner
from bihuan.show.registry import Registry
from bihuan.show.sensed import Sensed
from bihuan.show.settings import Settings
from bihuan.show.streaming import Watchers
from bihuan.show.trials import Trials
from bihuan.store.connect import Connection, Store


@dataclass(frozen=True, slots=True)
class Place:
    """A room's entry in the navigation."""

    address: str
    title: str
    """Catalogued English."""
    also: tuple[str, ...] = ()
    """Beginnings of other addresses that belong to it."""

    def has(self, path: str) -> bool:
        """Return whether a page belongs to this entry."""
        if self.address == "/":
            return path == "/"
        return path.startswith((self.address, *self.also))


def store_of(request: Request) -> Store:
    """Return the open store."""
    return cast(Store, request.app.state.store)


def connection_of(request: Request) -> AbstractContextManager[Connection]:
    """Return one transaction on the store."""
    return store_of(request).connection()


def reading_of(request: Request) -> AbstractContextManager[Connection]:
    """Return a connection for questions alone."""
    return store_of(request).reading()


def now_of(request: Request) -> datetime:
    """Return the present moment, by the store's clock."""
    return store_of(request).clock()


def engine_of(request: Request) -> Engine:
    """Return the casework of the city."""
    return cast(Engine, request.app.state.engine)


def formula_of(request: Request) -> Formula:
    """Return how the city scores its units."""
    return cast(Formula, request.app.state.formula)


def registry_of(request: Request) -> Registry:
    """Return the city's names."""
    return cast(Registry, request.app.state.registry)


def desk_of(request: Request) -> ReadingDesk:
    """Return where files are read."""
    return cast(ReadingDesk, request.app.state.desk)


def linker_of(request: Request) -> Linker:
    """Return what makes the links anew."""
    return cast(Linker, request.app.state.linker)


def sensed_of(request: Request) -> Sensed:
    """Return what the pack says of devices, rules and map."""
    return cast(Sensed, request.app.state.sensed)


def watchers_of(request: Request) -> Watchers:
    """Return what keeps parts of pages alive."""
    return cast(Watchers, request.app.state.watchers)


def trials_of(request: Request) -> Trials:
    """Return what tries rules on history."""
    return cast(Trials, request.app.state.trials)


def planner_of(request: Request) -> Planner:
    """Return what runs the energy plan."""
    return cast(Planner, request.app.state.planner)


def settings_of(request: Request) -> Settings:
    """Return how this cockpit was started."""
    return cast(Settings, request.app.state.settings)
