"""`bihuan read`: files in, ledger out. Needs no database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bihuan.cli.progress import shown
from bihuan.core.errors import BihuanError, InputError, OutsideError

if TYPE_CHECKING:
    from bihuan.read.corpus import Finding, Job, Refusal, Result
    from bihuan.read.export import Kind, Record, Sink
    from bihuan.store.packs import Pack


def read(
    files: Annotated[
        list[str],
        typer.Argument(
            help="txt, html, docx, pdf, ofd, xlsx, xls (doc and wps with LibreOffice); - for standard input."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="Statements, as .jsonl, .csv, .xlsx or .parquet; without it JSON Lines on stdout."
        ),
    ] = None,
    restored: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Each file's restored text, set-aside noise included, to DIR/NAME.txt."),
    ] = None,
    commitments: Annotated[
        Path | None, typer.Option(help="Promises and results without a number, to this file.")
    ] = None,
    links: Annotated[
        Path | None, typer.Option(help="What belongs together across documents and years, to this file.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes to read with.")] = 1,
    ray: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Read over a Ray cluster; `local` starts one here.")
    ] = None,
    pack: Annotated[
        Path | None,
        typer.Option(
            envvar="BIHUAN_PACK", metavar="DIR", help="The city's folder of data; the shipped yangquan without it."
        ),
    ] = None,
    max_mb: Annotated[float, typer.Option(min=0.001, help="Refuse files above this size.")] = 50.0,
    as_json: Annotated[bool, typer.Option("--json", help="The whole ledger as one JSON object on stdout.")] = False,
) -> None:
    """Read documents into a ledger of statements, each with its place in the raw text.

    Exit code 1 where some input was refused (named on stderr, the rest done), 2 where nothing could be opened or the
    command was used wrongly.

    Example: bihuan read report-2023.pdf report-2024.html -o ledger.xlsx
    """
    from bihuan.read import Limits, load_pack
    from bihuan.read.corpus import Job, read_corpus

    targets = Targets(out, restored, commitments, links, as_json)
    targets.check(files)
    limits = Limits(max_bytes=int(max_mb * 1e6), max_chars=int(max_mb * 1e6))
    job = Job(load_pack(pack), limits, keep_restored=restored is not None)
    code = _write(shown(read_corpus(files, job, workers=workers, ray_address=ray), len(files), "reading"), targets, job)
    if code:
        raise typer.Exit(code)


@dataclass(frozen=True, slots=True)
class Targets:
    """Where the records of a run go."""

    out: Path | None
    restored: Path | None
    commitments: Path | None
    links: Path | None
    as_json: bool

    def files(self) -> list[Path]:
        """Return the record files that were asked for."""
        return [path for path in (self.out, self.commitments, self.links) if path is not None]

    def restored_at(self, name: str) -> Path:
        """Return the file of a document's restored text; a `.txt` keeps its name."""
        assert self.restored is not None
        return self.restored / (name if name.lower().endswith(".txt") else f"{name}.txt")

    def check(self, inputs: Sequence[str]) -> None:
        """Refuse what would overwrite an input or another output, before anything is read.

        Raises:
            InputError: names the file.
        """
        from bihuan.read.corpus import STDIN, check_names, name_of
        from bihuan.read.export import check_suffix

        check_names(inputs)
        for path in self.files():
            check_suffix(path)
        taken = {Path(path).resolve(): f"the input {path}" for path in inputs if path != STDIN}
        texts = [self.restored_at(name_of(path)) for path in inputs] if self.restored else []
        for path in [*self.files(), *texts]:
            if path.resolve() in taken:
                raise InputError(f"would overwrite {taken[path.resolve()]}. Choose another place.", where=str(path))
            taken[path.resolve()] = "another output of this run"


@dataclass(slots=True)
class Outputs:
    """The open targets of one run, filled document by document."""

    targets: Targets
    statements: Sink | None
    commitments: Sink | None
    links: Sink | None
    kept: list[Finding] = field(default_factory=list)
    """What linking needs, where links are asked for; the whole ledger for --json."""

    def take(self, finding: Finding) -> None:
        """Write what one document gave."""
        if self.statements:
            _put(self.statements, finding.statements)
        if self.commitments:
            _put(self.commitments, finding.commitments)
        if finding.restored is not None:
            _write_text(self.targets.restored_at(finding.document.name), finding.restored)
        if self.links or self.targets.as_json:
            self.kept.append(replace(finding, restored=None))

    def finish(self, refused: Sequence[Refusal], pack: Pack) -> None:
        """Write what needs all documents."""
        from bihuan.read.pipeline import link

        if not (self.links or self.targets.as_json):
            return
        links = link(self.kept, pack)
        if self.links:
            _put(self.links, links)
        if self.targets.as_json:
            print(_ledger_json(self.kept, links, refused))


def _put(sink: Sink, records: Iterable[Record]) -> None:
    for record in records:
        sink.write(record)


def _write_text(path: Path, text: str) -> None:
    from bihuan.store.whole_file import whole_file

    with whole_file(path) as temporary:
        temporary.write_bytes(text.encode("utf-8"))


def _ledger_json(findings: Sequence[Finding], links: Sequence[Record], refused: Sequence[Refusal]) -> str:
    from bihuan.read.export import to_json

    ledger = {
        "documents": [to_json(finding.document) for finding in findings],
        "statements": [to_json(statement) for finding in findings for statement in finding.statements],
        "commitments": [to_json(commitment) for finding in findings for commitment in finding.commitments],
        "links": [to_json(link) for link in links],
        "refused": [{"name": refusal.name, "error": refusal.error.message} for refusal in refused],
    }
    return json.dumps(ledger, ensure_ascii=False)


class _Stdout:
    """JSON Lines on stdout."""

    def write(self, record: Record) -> None:
        from bihuan.read.export import to_line

        print(to_line(record))


@contextmanager
def _outputs(targets: Targets) -> Iterator[Outputs]:
    from bihuan.core.records.statement import Commitment, Link, Statement
    from bihuan.read.export import sink

    with ExitStack() as stack:

        def opened(path: Path | None, kind: Kind) -> Sink | None:
            return stack.enter_context(sink(path, kind)) if path else None

        statements = opened(targets.out, Statement) or (None if targets.as_json else _Stdout())
        yield Outputs(targets, statements, opened(targets.commitments, Commitment), opened(targets.links, Link))


def _write(results: Iterable[Result], targets: Targets, job: Job) -> int:
    """Write all results; return the exit code. Where no document was read, no target is touched."""
    from bihuan.read.corpus import Refusal

    refused: list[Refusal] = []
    done = 0
    with _outputs(targets) as outputs:
        for result in results:
            if isinstance(result, Refusal):
                refused.append(result)
                print(f"bihuan: {result.error}", file=sys.stderr)
            else:
                done += 1
                outputs.take(result)
        if refused and not done:
            raise typer.Exit(_code(done, [refusal.error for refusal in refused]))
        outputs.finish(refused, job.pack)
    return _code(done, [refusal.error for refusal in refused])


def _code(done: int, errors: Sequence[BihuanError]) -> int:
    if not errors:
        return 0
    return 2 if not done and all(isinstance(error, OutsideError) for error in errors) else 1
