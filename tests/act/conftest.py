"""The city's engine, people of it, and a fixed clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from bihuan.act.clock import CHINA
from bihuan.act.command import Command, Opening
from bihuan.act.engine import Engine, Opened
from bihuan.act.personal import load_keys, new_key_file
from bihuan.core.records.case import Case
from bihuan.core.records.principal import Principal
from bihuan.store.connect import Store
from bihuan.store.packs import default_pack

CHIEF = Principal("account:chief", "督查员", "government-office", frozenset({"supervisor"}), "city")
CLERK = Principal("account:clerk", "经办", "ecology", frozenset({"handler"}))
HOTLINE = Principal("account:hotline", "派单", "hotline-centre", frozenset({"dispatcher"}))
HOUSING = Principal("account:housing", "住建经办", "housing", frozenset({"handler"}))
CITIZEN = Principal("citizen:1", "citizen", None, frozenset({"reporter"}), "public")


def at(text: str) -> datetime:
    """A moment in Chinese time."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    path: Path = tmp_path_factory.mktemp("keys") / "personal.key"
    new_key_file(path)
    return Engine.of(default_pack(), load_keys(path))


@dataclass
class Office:
    """The engine on a store, each call in a transaction of its own."""

    store: Store
    engine: Engine

    def open(self, who: Principal, opening: Opening, when: str = "2026-03-02T09:00") -> Opened:
        with self.store.connection() as connection:
            return self.engine.open(connection, who, opening, at(when))

    def act(self, who: Principal, number: str, command: Command, when: str = "2026-03-02T10:00") -> Case:
        with self.store.connection() as connection:
            return self.engine.act(connection, who, number, command, at(when))

    def load(self, number: str, who: Principal = CHIEF) -> Case:
        with self.store.connection() as connection:
            return self.engine.load(connection, who, number)

    def matter(self, when: str = "2026-03-02T09:00", **values: str) -> Case:
        """A 13710 matter led by the ecology bureau."""
        given = {"title": "河道排口整治", "requirement": "查清并封堵", **values}
        return self.open(CHIEF, Opening("13710", given, lead="ecology"), when).case


@pytest.fixture
def office(store: Store, engine: Engine) -> Office:
    return Office(store, engine)
