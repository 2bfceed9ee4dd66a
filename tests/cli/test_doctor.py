import importlib.metadata
import json
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.cli.conftest import Command

from bihuan.store import migrate


def findings(out: str) -> dict[str, dict[str, str]]:
    return {one["name"]: one for one in json.loads(out)["findings"]}


def test_a_sound_installation(bihuan: Command) -> None:
    code, out, _ = bihuan("doctor", "--json")
    found = findings(out)
    assert code == 0
    assert found["PostgreSQL"]["seen"].endswith(f"(BIHUAN_DATABASE_URL), schema at revision {max(migrate.revisions())}")
    assert found["psycopg"]["seen"] == importlib.metadata.version("psycopg")
    assert found["pack"]["seen"].startswith("yangquan: 阳泉市, ")
    assert {"disk", "data folder", "working days", "page libraries", "port", "LibreOffice", "Chromium"} <= found.keys()
    assert all(one["advice"] for one in found.values() if one["state"] != "ok")


def test_what_is_missing_is_1_with_the_way_out(run: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setenv("BIHUAN_DATABASE_URL", "postgresql://127.0.0.1:9/none")
    monkeypatch.setenv("BIHUAN_PACK", str(tmp_path / "no-city"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**8))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    code, out, _ = run("doctor")
    assert code == 1
    lines = out.splitlines()
    missing = {line.split()[1] for line in lines if line.startswith("  MISSING")}
    assert missing == {"disk", "PostgreSQL", "pack"}
    assert any("set BIHUAN_HOME to a folder on another disk" in line for line in lines)
    assert any("apt-get install libreoffice-writer" in line for line in lines)
