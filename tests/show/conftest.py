"""The cockpit of casework."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.show.casework import cockpit
from tests.show.client import Client

from bihuan.store.connect import Store


@pytest.fixture
def casework(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A cockpit with demo accounts and a key of personal data, its clock at `casework.NOW`."""
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(tmp_path / "personal.key"))
    return cockpit(store, tmp_path)
