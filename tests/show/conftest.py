"""The cockpit of casework."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from tests.show.browsing import Client
from tests.show.casework import cockpit

from bihuan.act import accounts
from bihuan.store.connect import Store


@pytest.fixture(scope="module", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Passwords at the least price: the demo accounts of a test take longer than the test (`tests/act` pays it whole)."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accounts, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def casework(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A cockpit with demo accounts and a key of personal data, its clock at `casework.NOW`."""
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(tmp_path / "personal.key"))
    with cockpit(store, tmp_path) as opened:
        yield opened
