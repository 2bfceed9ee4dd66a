"""`bihuan.read.read` as a notebook uses it."""

from pathlib import Path

import polars
import pytest

from bihuan.core.errors import FormatError, InputError
from bihuan.read import Ledger, read
from bihuan.read.export import columns
from bihuan.read.ledger import _KINDS, Family
from bihuan.store.packs import load_pack

REPORT = load_pack("yangquan").documents[2]


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return read(REPORT)


@pytest.mark.parametrize("family", _KINDS)
def test_frames_have_a_column_a_field_and_a_row_a_record(ledger: Ledger, family: Family) -> None:
    frame = ledger.to_polars(family)
    assert tuple(frame.columns) == columns(_KINDS[family])
    assert len(frame) == len(ledger.records(family)) == len(ledger.to_pandas(family))
    assert list(ledger.to_pandas(family).columns) == frame.columns


def test_an_empty_ledger_has_the_same_columns() -> None:
    assert Ledger().to_polars().schema == read(REPORT).to_polars().schema
    assert len(Ledger().to_pandas("links")) == 0


def test_files_hold_the_same_rows(ledger: Ledger, tmp_path: Path) -> None:
    ledger.to_jsonl(tmp_path / "l.jsonl")
    ledger.to_csv(tmp_path / "l.csv")
    ledger.to_parquet(tmp_path / "l.parquet")
    ledger.to_xlsx(tmp_path / "l.xlsx")
    frame = ledger.to_polars()
    assert polars.read_parquet(tmp_path / "l.parquet").equals(frame)
    assert polars.read_ndjson(tmp_path / "l.jsonl")["quote"].to_list() == frame["quote"].to_list()
    assert polars.read_csv(tmp_path / "l.csv")["quote"].to_list() == frame["quote"].to_list()
    assert (tmp_path / "l.csv").read_bytes().startswith(b"\xef\xbb\xbf"), "Excel takes it for Chinese"


def test_a_bad_file_is_raised_or_kept(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    with pytest.raises(FormatError, match=r"empty\.txt"):
        read([REPORT, empty])
    kept = read([REPORT, empty], refused="keep")
    assert (len(kept.documents), [one.name for one in kept.refused]) == (1, ["empty.txt"])
    with pytest.raises(InputError, match="two inputs are called"):
        read([REPORT, REPORT])
