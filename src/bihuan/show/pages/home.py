"""The overview: what is in the ledger, and what to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bihuan.show.labels import N_
from bihuan.show.lights import in_order
from bihuan.show.rendering import language_of, page
from bihuan.show.rooms import Place, connection_of, registry_of
from bihuan.store import ledger
from bihuan.store.connect import Connection
from bihuan.store.overview import totals

router = APIRouter()
PLACE = Place("/", N_("Overview"))
YEARS_SHOWN = 6
TO_LOOK_AT = 8
LATEST = 6
MISSED: tuple[ledger.Light, ...] = ("missed", "partly")


@dataclass(frozen=True, slots=True)
class Year:
    """The lights of one year's promises."""

    year: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Look:
    """A promise that somebody should look at."""

    key: str
    name: str
    verdict: str
    told: str
    address: str


@router.get("/")
def show(request: Request) -> HTMLResponse:
    """Show the overview."""
    with connection_of(request) as connection:
        counts = totals(connection)
        shown = ledger.years(connection)[:YEARS_SHOWN]
        years = [Year(year, _lights(connection, year)) for year in shown]
        look = [item for year in shown for item in _missed(connection, year)][:TO_LOOK_AT]
        documents = sorted(ledger.documents(connection), key=lambda one: one.imported_at, reverse=True)
    city = registry_of(request).city(language_of(request))
    return page(request, "home.html", city=city, counts=counts, years=years, look=look, latest=documents[:LATEST])


def _lights(connection: Connection, year: int) -> Mapping[str, int]:
    return in_order(ledger.compare(connection, year, size=1).counts)


def _missed(connection: Connection, year: int) -> list[Look]:
    found = [ledger.compare(connection, year, light=light, size=TO_LOOK_AT) for light in MISSED]
    return [_look(year, promise) for comparison in found for promise in comparison.promises]


def _look(year: int, promise: ledger.Promise) -> Look:
    target = promise.target
    told = (promise.result.sentence if promise.result else None) or target.sentence or target.quote
    return Look(
        f"e{target.id}", f"{year} · {target.name}", promise.light, told, f"/promises/{year}?verdict={promise.light}"
    )
