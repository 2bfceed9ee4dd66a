"""What a change of the grammar gained and lost over the whole corpus, so that nobody trades one sentence for another unseen.

    make bench-read              the working tree against HEAD
    make bench-read REV=main     against another revision

The corpus: the seeds where `BIHUAN_SHARED` exists, the pack's documents, the labelled passages of the tests. The old
revision's code is taken out of git into a scratch folder and reads the same files. What differs is printed with its
sentence: `+` gained, `-` lost, `~` read otherwise; nothing is stored.
"""

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks import corpus

Record = dict[str, Any]
STATEMENT = ("indicator", "value", "unit", "measure", "direction", "bound", "kind", "period", "subject", "reference")
COMMITMENT = ("verb", "object", "stage", "kind", "period", "due", "subject")
SENTENCE_CHARS = 90
"""So much of a record's sentence is shown, around its quote."""


@dataclass(frozen=True)
class Difference:
    """One place of the corpus that the two revisions read differently."""

    sign: str
    """`+` gained, `-` lost, `~` changed."""
    record: Record
    """As the new revision reads it; of a loss as the old one did."""
    fields: tuple[tuple[str, object, object], ...] = ()
    """(name, before, now) of each field that changed."""


def compare(old: Sequence[Record], new: Sequence[Record], names: Sequence[str]) -> list[Difference]:
    """Return what differs between two readings of the same files, in the order of the places.

    Records are the same place where document and offset of their quote are; `names` are the fields compared.
    """
    before, now = ({(r["doc"], r["start"]): r for r in records} for records in (old, new))
    differences = []
    for place in sorted(before.keys() | now.keys()):
        was, is_ = before.get(place), now.get(place)
        if was is None or is_ is None:
            differences.append(Difference("-" if is_ is None else "+", is_ or was or {}))
            continue
        changed = tuple((name, was[name], is_[name]) for name in (*names, "quote") if was[name] != is_[name])
        if changed:
            differences.append(Difference("~", is_, changed))
    return differences


def lines_of(differences: Sequence[Difference], names: Sequence[str]) -> Iterator[str]:
    """Yield the report, a document at a time, and the counts."""
    for doc, group in groupby(differences, key=lambda difference: difference.record["doc"]):
        yield f"\n{doc}"
        for difference in group:
            yield from _told(difference, names)
    counts = Counter(difference.sign for difference in differences)
    fields = Counter(name for difference in differences for name, _, _ in difference.fields)
    changed = ", ".join(f"{name} {count}" for name, count in fields.most_common())
    yield f"\ngained {counts['+']}, lost {counts['-']}, changed {counts['~']}{f' ({changed})' if changed else ''}"


def _told(difference: Difference, names: Sequence[str]) -> Iterator[str]:
    record = difference.record
    told = "  ".join(str(record[name]) for name in names if record[name] not in (None, "exact"))
    yield f"  {difference.sign} {record['quote']}  {told if difference.sign != '~' else ''}".rstrip()
    for name, before, now in difference.fields:
        yield f"      {name}: {before} -> {now}"
    yield f"      {_around(record)}"


def _around(record: Record) -> str:
    """Return the part of a record's sentence around its quote; a damaged quote may not stand in it."""
    sentence = (record.get("sentence") or "").replace("\n", " ")
    at = max(sentence.find(record["quote"]), 0)
    start = max(0, at - SENTENCE_CHARS // 2)
    return sentence[start : start + SENTENCE_CHARS]


def sources() -> list[Path]:
    """Return all files of the corpus; two of one name never stand in different folders."""
    folders = [corpus.ROOT / "tests/read" / name for name in ("exam", "pairs", "passages", "samples")]
    return [*corpus.sources(), *(path for folder in folders[1:] for path in sorted(folder.glob("*.txt")))]


def dump() -> None:
    """Print what the `bihuan` on the path reads out of the corpus, as one JSON object."""
    from bihuan.read import read

    ledger = read(sources(), refused="keep")
    found = {
        "statements": [asdict(record) for record in ledger.statements],
        "commitments": [asdict(record) for record in ledger.commitments],
    }
    json.dump(found, sys.stdout, ensure_ascii=False)


def reading_of(source: Path) -> dict[str, list[Record]]:
    """Return what the code in the folder `source` reads out of the corpus, in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "benchmarks.read_gains", "--dump"]
    done = subprocess.run(command, cwd=corpus.ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the code in {source} cannot read the corpus:\n{done.stderr[-2000:]}")
    found: dict[str, list[Record]] = json.loads(done.stdout)
    return found


def take_out(revision: str, folder: Path) -> Path:
    """Write a revision's `src` into `folder`; return it."""
    command = ["git", "archive", "--format=tar", revision, "src"]
    done = subprocess.run(command, cwd=corpus.ROOT, capture_output=True)
    if done.returncode:
        raise SystemExit(f"git knows no revision '{revision}': {done.stderr.decode().strip()}")
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "src"


def main() -> None:
    """Compare the working tree with a revision."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("revision", nargs="?", default="HEAD")
    parser.add_argument("--dump", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.dump:
        return dump()
    with tempfile.TemporaryDirectory() as scratch:
        old = reading_of(take_out(options.revision, Path(scratch)))
    new = reading_of(corpus.ROOT / "src")
    for family, names in (("statements", STATEMENT), ("commitments", COMMITMENT)):
        print(f"\n== {family}: {len(old[family])} at {options.revision}, {len(new[family])} now ==")
        for line in lines_of(compare(old[family], new[family], names), names):
            print(line)
    return None


if __name__ == "__main__":
    main()
