"""What runs beside the gateways: roll-ups, silence, sealing of days, retention. Any number of processes may run it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from bihuan.core.records.policy import Policy
from bihuan.core.records.sensing import Sensing
from bihuan.core.records.signal import Signal
from bihuan.sense import rolling
from bihuan.sense.places import Places
from bihuan.sense.policies import Matched, match_all, match_changed
from bihuan.sense.rules.book import RuleBook
from bihuan.sense.rules.running import RuleRunner
from bihuan.sense.setting import rolling_of
from bihuan.sense.times import CHINA
from bihuan.store import devices, outbox, signals
from bihuan.store.connect import Store
from bihuan.store.lake import Lake, Sealed, drop_before, may_change, seal
from bihuan.store.observations import day_bounds, days_kept
from bihuan.store.policies import changed, load_policies
from bihuan.store.sensing import load_sensing

logger = logging.getLogger(__name__)
SILENCE = "sense.silence"
"""Source of the signals about silent devices."""
_MOST_QUARANTINED = 200_000
_OVERLAP = timedelta(seconds=30)
"""A change is stamped before it is committed: so much is looked at twice."""
_OUTBOX_KEPT = timedelta(days=2)


@dataclass
class House:
    """The chores of one city."""

    store: Store
    lake: Lake
    sensing: Sensing
    book: RuleBook = field(default_factory=RuleBook)
    policies: Sequence[Policy] = ()

    def __post_init__(self) -> None:
        self.runner = RuleRunner(self.store, self.book)
        self.places = Places(self.store)
        self._matched_at: datetime | None = None
        self._listening: datetime | None = None
        """A device that spoke while nobody listened is not silent."""

    @classmethod
    def of(cls, store: Store, folder: Path, lake: Lake) -> House:
        """Return the house of a pack's folder.

        Raises:
            PackError: a file of the pack is wrong.
        """
        return cls(store, lake, load_sensing(folder), RuleBook.of(folder), load_policies(folder))

    def begin(self) -> None:
        """Register as a reader of what is kept, and listen for silence from now on."""
        self._listening = self.store.clock()
        with self.store.connection() as connection:
            outbox.start(connection, rolling.READER, from_the_beginning=True)
        self.runner.begin()
        self.places.begin()

    def run_rules(self) -> int:
        """Look at what is new by the rules; return how many messages that was."""
        looked = 0
        while count := self.runner.run():
            looked += count
        return looked

    def follow_places(self) -> int:
        """Keep entities that tell their position where they are; return how many group commits were looked at."""
        looked = 0
        while count := self.places.follow():
            looked += count
        return looked

    def tick_rules(self) -> int:
        """Look at the rules of the clock; return how many entities were looked at."""
        return self.runner.tick()

    def match_policies(self) -> Matched:
        """Look at all enterprises the first time, then at those that have changed."""
        since, self._matched_at = self._matched_at, self.store.clock()
        if since is None:
            return match_all(self.store, self.policies)
        with self.store.connection() as connection:
            numbers = changed(connection, since - _OVERLAP)
        return match_changed(self.store, self.policies, numbers)

    def roll_up(self) -> int:
        """Note what is new and roll up what has settled; return how many hours."""
        how = replace(rolling_of(self.sensing), kept_since=day_bounds(self._first_day_kept())[0])
        while rolling.mark_new(self.store):
            pass
        rolled = 0
        while hours := rolling.roll(self.store, self.lake, how):
            rolled += hours
        return rolled

    def watch_silence(self) -> int:
        """Raise a signal for each device that has fallen silent, clear those of devices that speak again; return how many."""
        now, missed = self.store.clock(), self.sensing.policy.silent_after
        with self.store.connection() as connection:
            silent = devices.fallen_silent(connection, now=now, missed=missed, listening=self._listening)
            devices.clear_silences(connection, SILENCE, now=now)
            return signals.raise_(connection, [_silence(one, now) for one in silent], at=now)

    def seal_days(self) -> list[Sealed]:
        """Move the days that are old enough into the lake."""
        today = self.store.clock().astimezone(CHINA).date()
        sealed = []
        with self.store.connect() as connection:
            if not may_change(connection):
                return []
            for day in days_kept(connection):
                if (today - day).days >= self.sensing.policy.hot_days:
                    connection.rollback()
                    done = seal(connection, self.lake, day, at=self.store.clock())
                    sealed += [done] if done else []
        return sealed

    def clear_outbox(self) -> int:
        """Delete what every reader has seen; return how many group commits."""
        with self.store.connection() as connection:
            return outbox.clear(connection, before=self.store.clock() - _OUTBOX_KEPT)

    def forget(self) -> None:
        """Delete what the pack keeps no longer."""
        now, policy = self.store.clock(), self.sensing.policy
        with self.store.connection() as connection:
            connection.execute("delete from raw_batch where received < %s", [now - timedelta(days=policy.raw_days)])
            aside = now - timedelta(days=policy.quarantine_days)
            devices.prune_quarantine(connection, before=aside, most=_MOST_QUARANTINED)
        with self.store.connect() as connection:
            if may_change(connection):
                drop_before(connection, self.lake, self._first_day_kept())

    def _first_day_kept(self) -> date:
        """Return the first Chinese day whose readings are kept; of those before, roll-ups are."""
        return self.store.clock().astimezone(CHINA).date() - timedelta(days=self.sensing.policy.lake_days)


def _silence(device: devices.Silent, now: datetime) -> Signal:
    since = device.seen_at.astimezone(CHINA)
    return Signal(
        source=SILENCE,
        kind="device.silence",
        subject=device.urn,
        severity="warning",
        text=f"{device.name}自{since:%Y-%m-%d %H:%M}起没有数据",
        at=now,
        key=f"{device.protocol}|{device.id}|{device.seen_at.isoformat()}",
        evidence=(device.urn,),
        values={"device": device.id, "since": since.isoformat(), "expected_seconds": device.expected_seconds,
                "owner": device.owner, "type": device.type, "synthetic": device.synthetic},
    )  # fmt: skip
