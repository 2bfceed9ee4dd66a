"""The overview: what is in the ledger, and what to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice

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
        shown = dict(islice(ledger.lights(connection).items(), YEARS_SHOWN))
        years = [Year(year, in_order(lights)) for year, lights in shown.items()]
        missed = chain.from_iterable(_missed(connection, year, lights) for year, lights in shown.items())
        look = list(islice(missed, TO_LOOK_AT))
        documents = sorted(ledger.documents(connection), key=lambda one: one.imported_at, reverse=True)
    city = registry_of(request).city(language_of(request))
    return page(request, "home.html", city=city, counts=counts, years=years, look=look, latest=documents[:LATEST])


def _missed(connection: Connection, year: int, lights: Mapping[ledger.Light, int]) -> Iterator[Look]:
    for light in MISSED:
        if lights[light]:
            found = ledger.compare(connection, year, light=light, size=TO_LOOK_AT)
            yield from (_look(year, promise) for promise in found.promises)


def _look(year: int, promise: ledger.Promise) -> Look:
    target = promise.target
    told = (promise.result.sentence if promise.result else None) or target.sentence or target.quote
    return Look(
        f"e{target.id}", f"{year} · {target.name}", promise.light, told, f"/promises/{year}?verdict={promise.light}"
    )
