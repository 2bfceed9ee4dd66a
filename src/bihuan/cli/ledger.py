"""`bihuan ledger`: the ledger in the store（台账）: import, list, compare, export."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bihuan.cli.options import PackOption, resolve_pack
from bihuan.cli.progress import shown
from bihuan.cli.tables import print_table
from bihuan.core.errors import InputError, OutsideError

if TYPE_CHECKING:
    from bihuan.core.records.statement import Commitment, Link, Statement
    from bihuan.read.corpus import Refusal
    from bihuan.read.intake import Taken
    from bihuan.store.connect import Connection
    from bihuan.store.entries import Entry, Filter
    from bihuan.store.links import Comparison, Promise

app = typer.Typer(help="The ledger in the store: documents in, promises and results out.", no_args_is_help=True)


class Family(StrEnum):
    """Rows with a number, and rows without one."""

    statement = "statement"
    commitment = "commitment"


class Kind(StrEnum):
    """What was achieved, and what was promised."""

    result = "result"
    target = "target"


class Review(StrEnum):
    """What a reviewer decided."""

    unreviewed = "unreviewed"
    confirmed = "confirmed"
    corrected = "corrected"
    rejected = "rejected"


class Sort(StrEnum):
    """Orders of a list."""

    document = "document"
    name = "name"
    value = "value"
    year = "year"
    confidence = "confidence"


class Light(StrEnum):
    """What came of a promise."""

    met = "met"
    missed = "missed"
    partly = "partly"
    unknown = "unknown"
    open = "open"


JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
Words = Annotated[list[str] | None, typer.Argument(help="Found character for character; all must hold.")]
Families = Annotated[list[Family] | None, typer.Option("--family", help="Only these (repeat for more).")]
Kinds = Annotated[list[Kind] | None, typer.Option("--kind", help="Only results, or only targets.")]
Years = Annotated[list[int] | None, typer.Option("--year", help="Last year of the period (repeat for more).")]
Topics = Annotated[
    list[str] | None,
    typer.Option("--indicator", metavar="ID", help="The pack's id of an indicator or project, e.g. gdp."),
]
Measures = Annotated[list[str] | None, typer.Option("--measure", help="level, growth, change, share, gap or rank.")]
Subjects = Annotated[
    list[str] | None, typer.Option("--subject", help='District or organisation; "" is the city itself.')
]
Documents = Annotated[list[str] | None, typer.Option("--document", metavar="NAME", help="File name of a document.")]
Reviews = Annotated[
    list[Review] | None, typer.Option("--review", help="Review state; without it all rows but the rejected.")
]


@app.command("import")
def import_(
    files: Annotated[list[str], typer.Argument(help="Files as `bihuan read` takes them; - for standard input.")],
    again: Annotated[bool, typer.Option(help="Read also what this version has read before.")] = False,
    max_mb: Annotated[float, typer.Option(min=0.001, help="Refuse files above this size.")] = 50.0,
    as_json: JsonOption = False,
    pack: PackOption = None,
) -> None:
    """Read files into the store; the same bytes are one document, however often they come.

    Each file is committed by itself: after Ctrl-C or a crash it is there whole or not at all, and the same command
    does the rest. Exit code 1 where a file was refused (named on stderr, the rest done).

    Example: bihuan ledger import reports/*.pdf
    """
    from bihuan.read.formats import Limits
    from bihuan.read.intake import take_in
    from bihuan.read.shelf import relink
    from bihuan.store.connect import open_store

    city = resolve_pack(pack)
    limits = Limits(max_bytes=int(max_mb * 1e6), max_chars=int(max_mb * 1e6))
    with open_store() as store:
        found = take_in(store, files, city, actor="import", limits=limits, again=again)
        taken, refused = _sorted_out(shown(found, len(files), "importing"), quiet=as_json)
        relink(store, city)
    if as_json:
        failures = [{"name": one.name, "error": one.error.message} for one in refused]
        _print_json({"documents": [asdict(one) for one in taken], "refused": failures})
    if refused:
        unreadable = not taken and all(isinstance(one.error, OutsideError) for one in refused)
        raise typer.Exit(2 if unreadable else 1)


def _sorted_out(results: Iterable[Taken | Refusal], *, quiet: bool) -> tuple[list[Taken], list[Refusal]]:
    """Tell of each file as it comes: what was taken on stdout, what was refused on stderr."""
    from bihuan.read.corpus import Refusal

    taken: list[Taken] = []
    refused: list[Refusal] = []
    for result in results:
        if isinstance(result, Refusal):
            refused.append(result)
            print(f"bihuan: {result.error}", file=sys.stderr)
        else:
            taken.append(result)
            if not quiet:
                told = f"{result.statements} statements\t{result.commitments} commitments"
                print(f"{result.change}\t{result.name}\t{told}", flush=True)
    return taken, refused


@app.command("list")
def list_(
    words: Words = None,
    family: Families = None,
    kind: Kinds = None,
    year: Years = None,
    indicator: Topics = None,
    measure: Measures = None,
    subject: Subjects = None,
    document: Documents = None,
    review: Reviews = None,
    sort: Annotated[Sort, typer.Option(help="Order of the rows.")] = Sort.document,
    descending: Annotated[bool, typer.Option("--descending", help="The other way round.")] = False,
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    size: Annotated[int, typer.Option(min=1, max=1000, help="Rows of a page.")] = 50,
    as_json: JsonOption = False,
    as_lines: Annotated[
        bool, typer.Option("--jsonl", help="All rows, a JSON object a line, in document order.")
    ] = False,
) -> None:
    """List and search the rows of the ledger.

    Example: bihuan ledger list 发电量 --kind target --year 2023
    """
    from bihuan.store import entries
    from bihuan.store.connect import open_store

    with open_store() as store, store.connection() as connection:
        where = _filter(connection, words, family, kind, year, indicator, measure, subject, document, review)
        if as_lines:
            for entry in entries.export(connection, where):
                print(json.dumps(asdict(entry), ensure_ascii=False))
            return
        found = entries.search(
            connection, where, sort=sort.value, descending=descending, page=page, size=size, facets=False
        )
    if as_json:
        _print_json({"total": found.total, "page": page, "size": size, "rows": [asdict(one) for one in found.entries]})
        return
    print_table(_ROW_HEADS, map(_row, found.entries))
    shown_now = f"page {page} of {found.pages}" if found.pages > 1 else "all shown"
    print(f"{found.total} rows, {shown_now}" if found.total else _nothing(where), file=sys.stderr)


_ROW_HEADS = ("kind", "what", "value or stage", "period", "subject", "review", "document", "quote")


def _row(entry: Entry) -> tuple[str, ...]:
    return (entry.kind, entry.name, _value(entry), entry.period or "", entry.subject or "", entry.review,
            entry.document, entry.quote)  # fmt: skip


def _value(entry: Entry) -> str:
    """Return a statement's value as Chinese pages write it, or a commitment's act with its stage and due day."""
    from bihuan.show.wording import BOUND_SIGNS, scaled

    if entry.value is None or entry.unit is None:
        due = f", due {entry.due}" if entry.due else ""
        return f"{entry.verb} ({entry.stage}{due})"
    sign = {"+": "+", "-": "−"}.get(entry.direction or "", "")
    return f"{BOUND_SIGNS.get(entry.bound or '', '')}{sign}{scaled(entry.value, entry.unit, 'zh-CN')}"


def _nothing(where: Filter) -> str:
    from bihuan.store.entries import Filter

    if where == Filter(review=where.review):
        return "the ledger is empty; `bihuan ledger import FILE` brings documents in"
    return "no row is like that; leave out a word or a filter"


@app.command()
def compare(
    year: Annotated[int, typer.Argument(min=1900, max=2200, help="Year the promises are for.")],
    light: Annotated[Light | None, typer.Option(help="Only promises with this outcome.")] = None,
    city: Annotated[str | None, typer.Option(help="Only documents of this city, e.g. 阳泉市.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Put the promises of a year beside what came of them: met, missed, partly, unknown, or open while nobody tells.

    Example: bihuan ledger compare 2023 --light missed
    """
    from bihuan.store import links
    from bihuan.store.connect import open_store

    with open_store() as store, store.connection() as connection:
        found = _whole_comparison(connection, year, light, city)
        known = links.years(connection)
    if as_json:
        promises = [_outcome(one) for one in found.promises]
        _print_json({"year": year, "counts": dict(found.counts), "promises": promises})
        return
    print_table(_PROMISE_HEADS, map(_promise_row, found.promises))
    counts = ", ".join(f"{count} {name}" for name, count in found.counts.items() if count)
    there = ", ".join(map(str, known)) or "none yet; `bihuan ledger import FILE` brings documents in"
    print(f"{year}: {counts}" if counts else f"no promise for {year}; there are for {there}", file=sys.stderr)


def _whole_comparison(connection: Connection, year: int, light: Light | None, city: str | None) -> Comparison:
    """Return all promises of a year as one page."""
    from dataclasses import replace

    from bihuan.store import links

    first = links.compare(connection, year, light=light.value if light else None, city=city, size=1000)
    promises = list(first.promises)
    for number in range(2, -(-first.total // 1000) + 1):
        page = links.compare(connection, year, light=light.value if light else None, city=city, page=number, size=1000)
        promises += page.promises
    return replace(first, promises=tuple(promises))


_PROMISE_HEADS = ("light", "what", "promised", "reached", "promised in", "told in")


def _promise_row(promise: Promise) -> tuple[str, ...]:
    target, result = promise.target, promise.result
    reached, told = (_value(result), result.document) if result else ("", "")
    return promise.light, target.name, _value(target), reached, target.document, told


def _outcome(promise: Promise) -> Mapping[str, Any]:
    result = asdict(promise.result) if promise.result else None
    return {"light": promise.light, "target": asdict(promise.target), "result": result}


class What(StrEnum):
    """What a file can be filled with."""

    statement = "statement"
    commitment = "commitment"
    link = "link"


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help=".jsonl, .csv, .xlsx or .parquet.")],
    what: Annotated[What, typer.Option("--what", help="Which records; a file holds one kind.")] = What.statement,
    words: Annotated[list[str] | None, typer.Option("--search", help="As the words of `ledger list`.")] = None,
    kind: Kinds = None,
    year: Years = None,
    indicator: Topics = None,
    measure: Measures = None,
    subject: Subjects = None,
    document: Documents = None,
    review: Reviews = None,
) -> None:
    """Write records of the ledger to a file, corrections applied and rejected rows left out.

    The records are those of `bihuan read`. Links have no filters: they are all written.

    Example: bihuan ledger export targets.xlsx --kind target --year 2023
    """
    from bihuan.core.records.statement import Commitment, Link, Statement
    from bihuan.read.export import check_suffix, write_all
    from bihuan.store import entries, links
    from bihuan.store.connect import open_store

    check_suffix(file)
    kinds: Mapping[What, type[Statement] | type[Commitment] | type[Link]]
    kinds = {What.statement: Statement, What.commitment: Commitment, What.link: Link}
    with open_store() as store, store.connection() as connection:
        records: Iterator[Statement | Commitment] | Iterator[Link]
        if what is What.link:
            records = links.export(connection)
        else:
            family = [Family(what.value)]
            where = _filter(connection, words, family, kind, year, indicator, measure, subject, document, review)
            records = (entry.record() for entry in entries.export(connection, where))
        counted = _Counted(records)
        write_all(file, file.suffix.lower(), kinds[what], counted)
    print(f"{file}: {counted.number} {what.value}{'s' if counted.number != 1 else ''}", file=sys.stderr)


class _Counted:
    """Passes records on and counts them."""

    def __init__(self, records: Iterable[Any]) -> None:
        self._records, self.number = records, 0

    def __iter__(self) -> Iterator[Any]:
        for record in self._records:
            self.number += 1
            yield record


def _filter(
    connection: Connection,
    words: Sequence[str] | None,
    family: Sequence[Family] | None,
    kind: Sequence[Kind] | None,
    year: Sequence[int] | None,
    indicator: Sequence[str] | None,
    measure: Sequence[str] | None,
    subject: Sequence[str] | None,
    document: Sequence[str] | None,
    review: Sequence[Review] | None,
) -> Filter:
    """Return what the options of a command ask for.

    Raises:
        InputError: no document has that name.
    """
    from bihuan.store.entries import Filter

    return Filter(
        text=" ".join(words or ()),
        family=tuple(family or ()),
        kind=tuple(kind or ()),
        year=tuple(year or ()),
        topic=tuple(indicator or ()),
        measure=tuple(measure or ()),
        subject=tuple(subject or ()),
        document=_document_ids(connection, document or ()),
        review=tuple(review or (Review.unreviewed, Review.confirmed, Review.corrected)),
    )


def _document_ids(connection: Connection, names: Sequence[str]) -> tuple[int, ...]:
    from bihuan.store import documents

    there = documents.documents(connection) if names else []
    for name in names:
        if all(one.name != name for one in there):
            raise InputError(
                f"no document has this name; there are {', '.join(one.name for one in there[:10]) or 'none'}",
                where=name,
            )
    return tuple(one.id for one in there if one.name in names)


def _print_json(value: Mapping[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))
