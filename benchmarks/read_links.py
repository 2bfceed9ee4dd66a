"""How fast statements of many cities and years are linked, beside a self-join of the same rows by polars.

The peer is given the keys that `link` has to find out for itself (city, holder, indicator) and pairs neighbouring
years by them; it neither judges a promise nor keeps measures and units apart. The ratio shrinks where the time grows
faster than the rows.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from bihuan.core.records.document import Document
from bihuan.core.records.statement import Statement
from bihuan.read.link import link
from bihuan.read.linking.names import indicator_key
from bihuan.store.packs import load_pack

SIZES = (25_000, 50_000, 100_000)
YEARS = range(2013, 2025)
A_DOCUMENT = 200
"""Statements in one document."""


@dataclass(frozen=True)
class Found:
    """One document with what was read out of it."""

    document: Document
    statements: tuple[Statement, ...]
    commitments: tuple[()] = ()


def bench() -> None:
    """Print seconds and links for growing numbers of statements, and the peer's."""
    pack = load_pack("yangquan")
    names = [one.name for one in pack.indicators] + [f"第{number}号产业增加值" for number in range(500)]
    print(f"statements  link s    links  polars {pl.__version__} self-join s    pairs  ratio")
    for size in SIZES:
        found = list(documents(size, names))
        start = time.perf_counter()
        links = link(found, pack)
        seconds = time.perf_counter() - start
        peer_seconds, pairs = self_join(found)
        row = f"{size:>10} {seconds:>7.2f} {len(links):>8} {peer_seconds:>26.2f} {pairs:>8}"
        print(f"{row} {seconds / peer_seconds:>6.1f}", flush=True)


def documents(size: int, names: list[str]) -> Iterator[Found]:
    """Yield documents of as many cities as the rows need, one a year; the same size makes the same documents."""
    luck = random.Random(size)
    for number in range(size // A_DOCUMENT):
        city, year = f"第{number // len(YEARS)}市", YEARS[number % len(YEARS)]
        name = f"{city}-{year}.txt"
        document = Document(name, "0" * 64, "text/plain", 1, "utf-8", None, city, None, None, year, 1)
        yield Found(document, tuple(statement(name, at, year, names, luck) for at in range(A_DOCUMENT)))


def statement(doc: str, at: int, year: int, names: list[str], luck: random.Random) -> Statement:
    """Return a growth rate, promised for the year or reported for the one before."""
    kind = luck.choice(("target", "result"))
    period = str(year if kind == "target" else year - 1)
    value = round(luck.uniform(1, 20), 1)
    return Statement(doc, "5%", 20 * at, luck.choice(names), value, "%", "growth", "+", "exact", kind, period, None)


def self_join(found: list[Found]) -> tuple[float, int]:
    """Return the peer's seconds and how many pairs of neighbouring years it finds."""
    start = time.perf_counter()
    rows = [
        (one.document.city, s.subject, indicator_key(s.indicator), int(s.period or 0), s.doc, s.start)
        for one in found
        for s in one.statements
    ]
    frame = pl.DataFrame(rows, schema=["city", "holder", "key", "year", "doc", "start"], orient="row")
    later = frame.with_columns(pl.col("year") - 1)
    pairs = frame.join(later, on=["city", "holder", "key", "year"], nulls_equal=True)
    return time.perf_counter() - start, len(pairs)
