import json
from pathlib import Path

import pytest
from tests.cli.conftest import Command
from tests.store.readings import Draft, keep

from bihuan.store import ledger
from bihuan.store.connect import Store


@pytest.fixture
def file(bihuan: Command, store: Store, tmp_path: Path) -> Path:
    keep(store, Draft("a.txt").does("建成", "医院"))
    target = tmp_path / "folder/city.bihuan"
    code, out, err = bihuan("backup", target)
    assert (code, out) == (0, "")
    assert err.endswith(": 1 documents, 1 rows, 0 decisions, 1 events, 0 sealed days\n")
    return target


def test_restore_leaves_what_is_there_unless_forced(bihuan: Command, store: Store, file: Path) -> None:
    keep(store, Draft("b.txt").does("建成", "学校"))
    code, out, err = bihuan("restore", file)
    assert (code, out) == (1, "")
    assert "the store is not empty (there are rows in document); --force replaces" in err
    code, out, _ = bihuan("restore", file, "--force", "--json")
    assert code == 0
    assert json.loads(out)["rows"]["document"] == 1
    with store.connection() as connection:
        assert [one.name for one in ledger.documents(connection)] == ["a.txt"]
    assert bihuan("audit", "verify")[0] == 0


@pytest.mark.parametrize(("name", "code"), [("gone.bihuan", 1), ("no.bihuan", 2)])
def test_a_file_that_is_none_is_named(bihuan: Command, tmp_path: Path, name: str, code: int) -> None:
    (tmp_path / "no.bihuan").write_bytes(b"PK no backup")
    answer, _, err = bihuan("restore", tmp_path / name)
    assert answer == code
    assert err.startswith(f"bihuan: {tmp_path / name}: ")
