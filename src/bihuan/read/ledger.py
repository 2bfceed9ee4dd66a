"""Ledger（台账）: what `read` returns, with every row one step from the sentence it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bihuan.core.records.document import Document
from bihuan.core.records.statement import Commitment, Link, Statement
from bihuan.read import export
from bihuan.read.corpus import Refusal
from bihuan.store.whole_file import whole_file

if TYPE_CHECKING:
    import pandas
    import polars

Family = Literal["documents", "statements", "commitments", "links"]
_KINDS: dict[Family, export.Kind] = {
    "statements": Statement,
    "commitments": Commitment,
    "links": Link,
    "documents": Document,
}


@dataclass(frozen=True, slots=True)
class Ledger:
    """The documents of one run, what they say that can be checked, and what belongs together."""

    documents: tuple[Document, ...] = ()
    statements: tuple[Statement, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    links: tuple[Link, ...] = ()
    refused: tuple[Refusal, ...] = ()
    """Files that could not be read, with the reason; empty unless `read` was asked to go on past them."""

    def records(self, family: Family) -> Sequence[export.Record]:
        """Return all records of one family."""
        records: Sequence[export.Record] = getattr(self, family)
        return records

    def to_jsonl(self, path: str | Path, family: Family = "statements") -> None:
        """Write one family as JSON Lines; fields in the order of the record, whole numbers without `.0`."""
        export.write_all(Path(path), ".jsonl", _KINDS[family], self.records(family))

    def to_csv(self, path: str | Path, family: Family = "statements") -> None:
        """Write one family as CSV that Excel opens with its Chinese intact (a byte-order mark in front)."""
        export.write_all(Path(path), ".csv", _KINDS[family], self.records(family))

    def to_parquet(self, path: str | Path, family: Family = "statements") -> None:
        """Write one family as Parquet."""
        export.write_all(Path(path), ".parquet", _KINDS[family], self.records(family))

    def to_xlsx(self, path: str | Path) -> None:
        """Write all families into one Excel workbook, a sheet each."""
        with whole_file(Path(path)) as temporary, export.workbook(temporary) as book:
            for family, kind in _KINDS.items():
                sheets = export.Sheets(book, kind)
                sheets.begin()
                for record in self.records(family):
                    sheets.write(record)

    def to_polars(self, family: Family = "statements") -> polars.DataFrame:
        """Return one family as a polars frame."""
        import polars

        frame = polars.from_arrow(export.table(self.records(family), _KINDS[family]))
        assert isinstance(frame, polars.DataFrame)
        return frame

    def to_pandas(self, family: Family = "statements") -> pandas.DataFrame:
        """Return one family as a pandas frame; pandas comes with `pip install bihuan[pandas]`."""
        frame: pandas.DataFrame = export.table(self.records(family), _KINDS[family]).to_pandas()
        return frame
