"""The made-up desk of `bihuan demo`: the pack's `cases/demo.scenario.yaml` played into the store as of today.

Its times are counted in working days from today (`D-12T09:30`, `D+20`), so that clocks, lights and scores are alive on
whatever day the demo starts. The scenes of all stories are played in order of time, timers fire between them as they
would have, and everything stands or falls with one transaction.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
import yaml
from msgspec import Meta, Struct

from bihuan.act import accounts, evidence, timers
from bihuan.act.clock import CHINA
from bihuan.act.engine import Engine
from bihuan.act.promises import open_promises, propose_closings
from bihuan.act.scenario import Scene, command_of, local, opening_of
from bihuan.core.errors import BihuanError, PackError
from bihuan.core.records.case import EvidenceRef
from bihuan.core.records.principal import Principal
from bihuan.store import case_lists, entries
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.connect import Connection
from bihuan.store.entries import Filter
from bihuan.store.packs import Pack

FILE = "demo.scenario.yaml"
_CITIZEN = Principal("public:demo", "citizen", None, frozenset({"reporter"}), "public")
_FROM_TODAY = re.compile(r"D([+-]\d{1,3})(T\d\d:\d\d)?")


class Story(Struct, frozen=True, forbid_unknown_fields=True):
    """One case, from its opening on; `by` of a scene is the login of a demo account, or `citizen`."""

    type: str
    scenes: Annotated[list[Scene], Meta(min_length=1)]
    name: str = ""
    """By which a later scene links to this case (`other`)."""
    row: str = ""
    """Words of the promise in the ledger that the case is opened for; a ledger without it leaves the story out."""


def lay_out(connection: Connection, engine: Engine, pack: Pack, now: datetime) -> int:
    """Play the pack's stories where the store has no case yet; return how many cases they made.

    A day past the loaded calendar gets none: clocks in working days would all be provisional.

    Raises:
        PackError: the file does not fit the format, or a scene is refused; then roll the transaction back.
    """
    path = pack.folder / "cases" / FILE
    today = now.astimezone(CHINA).date()
    has_cases = any(case_lists.everything(connection, CaseFilter(is_open=None)))
    if has_cases or today > engine.calendar.last_day or not path.exists():
        return 0
    return len(_Play(connection, engine, read(path, today), now).run())


def read(path: Path, today: date) -> list[Story]:
    """Read a file of stories, its times counted from `today`.

    Raises:
        PackError: it does not fit the format.
    """
    try:
        return msgspec.convert(_dated(yaml.safe_load(path.read_text(encoding="utf-8")), today), list[Story])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise PackError(f"is no file of stories: {' '.join(str(error).split())}", where=path.name) from error


def _dated(value: Any, today: date) -> Any:
    if isinstance(value, dict):
        return {key: _dated(item, today) for key, item in value.items()}
    if isinstance(value, list):
        return [_dated(item, today) for item in value]
    found = _FROM_TODAY.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else f"{_weekday(today, int(found[1]))}{found[2] or ''}"


def _weekday(today: date, count: int) -> date:
    """Return the day `count` Mondays to Fridays from today; today's own, or the Friday before, for 0."""
    day = today - timedelta(days=max(0, today.weekday() - 4))
    weeks, rest = divmod(day.weekday() + count, 5)
    return day + timedelta(days=7 * weeks + rest - day.weekday())


class _Play:
    """The stories under way."""

    def __init__(self, connection: Connection, engine: Engine, stories: list[Story], now: datetime) -> None:
        self.connection = connection
        self.engine = engine
        self.stories = stories
        self.now = now
        self.numbers: dict[int, str] = {}
        """Position of a story -> number of its case."""
        self.codes: dict[int, str] = {}
        """Position of a story -> code by which the citizen follows the case."""

    def run(self) -> dict[int, str]:
        """Play everything up to now and return the numbers of the cases."""
        scenes = [(local(scene.at), n, scene) for n, story in enumerate(self.stories) for scene in story.scenes]
        for at, n, scene in sorted(scenes, key=lambda each: each[0]):
            self._fire(at)
            try:
                self._play(n, scene, at)
            except BihuanError as error:
                raise PackError(f"{scene.at} {scene.do}: {error}", where=f"{FILE}, story {n + 1}") from error
        self._fire(self.now)
        propose_closings(self.connection, self.engine, self.now)
        return self.numbers

    def _fire(self, at: datetime) -> None:
        while timers.fire_batch(self.connection, self.engine, at):
            pass

    def _play(self, n: int, scene: Scene, at: datetime) -> None:
        if n in self.numbers:
            self._act(n, scene, at)
        elif scene is self.stories[n].scenes[0]:
            self._open(n, scene, at)

    def _open(self, n: int, scene: Scene, at: datetime) -> None:
        story, who = self.stories[n], self._who(n, scene)
        if not story.row:
            opening = opening_of(scene, story.type, self._files(n, scene, at))
            opened = self.engine.open(self.connection, who, opening, at)
            self.numbers[n], self.codes[n] = opened.case.number, opened.code or ""
        elif ids := self._rows(story.row):
            self.numbers[n] = open_promises(self.connection, self.engine, who, ids, at)[0]

    def _rows(self, words: str) -> list[int]:
        found = entries.search(self.connection, Filter(text=words, kind=("target",)), size=100, facets=False).entries
        return [row.id for row in found if words in row.name or words in row.quote][:1]

    def _act(self, n: int, scene: Scene, at: datetime) -> None:
        who, number = self._who(n, scene), self.numbers[n]
        version = self.engine.load(self.connection, who, number).version
        command = command_of(scene, version, self._files(n, scene, at), other=self._number_of(scene.other))
        self.engine.act(self.connection, who, number, command, at)

    def _who(self, n: int, scene: Scene) -> Principal:
        if scene.by == "citizen":
            number = self.numbers.get(n)
            return self.engine.follower(self.connection, number, self.codes[n]) if number else _CITIZEN
        return accounts.principal(self.connection, scene.by or "")

    def _number_of(self, name: str | None) -> str | None:
        return next((self.numbers.get(n) for n, story in enumerate(self.stories) if name and story.name == name), None)

    def _files(self, n: int, scene: Scene, at: datetime) -> tuple[EvidenceRef, ...]:
        title = self.stories[n].scenes[0].values.get("title", "")
        texts = [
            f"演示证据 {k}：{title}（虚构示例，不是真实文件）\n{at:%Y-%m-%d}\n" for k in range(1, scene.evidence + 1)
        ]
        return tuple(
            evidence.keep(self.connection, text.encode(), f"现场记录-示例-{k}.txt", at)
            for k, text in enumerate(texts, 1)
        )
