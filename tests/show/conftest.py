"""The cockpit of casework."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.show.browsing import Client
from tests.show.casework import cockpit

from bihuan.store.connect import Store


@pytest.fixture
def casework(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A cockpit with demo accounts and a key of personal data, its clock at `casework.NOW`."""
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(tmp_path / "personal.key"))
    with cockpit(store, tmp_path) as opened:
        yield opened
