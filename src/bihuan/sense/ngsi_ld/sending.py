"""Sends what subscribers are to be told: in order, each until it was answered, at least once.

Any number of processes may send. A subscriber is told by one at a time; what it has not answered is sent again, by another
process where the first one died.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import psycopg

from bihuan.core.errors import OutsideError
from bihuan.sense.ngsi_ld import broker
from bihuan.sense.ngsi_ld.hearing import Hearing, follow
from bihuan.sense.ngsi_ld.landing import Landing
from bihuan.sense.ngsi_ld.mqtt_endpoint import SCHEMES, message_of, publish, read_mqtt_endpoint
from bihuan.sense.ngsi_ld.notifications import headers_of
from bihuan.sense.ngsi_ld.subscriptions import shown_by
from bihuan.store import ngsi_ld
from bihuan.store.connect import Store
from bihuan.store.ngsi_ld import Due

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 5.0
"""How long a subscriber has to answer, where its endpoint says nothing."""
_LONGEST_WAIT_SECONDS = 30.0
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=10)
_WORKERS = 4
_IDLE_SECONDS = 0.1
_LETTING_GO_EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Kept:
    """How much waits for a subscriber that does not answer, or is paused."""

    most: int = 10_000
    """Notifications of one subscription; of more the oldest are let go."""
    age: timedelta = timedelta(days=7)
    """What is older is let go."""


def send_next(store: Store, client: httpx.Client) -> bool:
    """Send the oldest notification of a subscriber who may be told; return whether there was one."""
    now = store.clock()
    with store.connection() as connection:
        due = ngsi_ld.next_notification(connection, now=now)
        if due is None:
            return False
        ngsi_ld.begin_telling(connection, due, at=now, until=now + lease(due))
    why = _sent(client, due)
    now = store.clock()
    with store.connection() as connection:
        if why is None:
            ngsi_ld.note_told(connection, due, at=now)
        else:
            logger.info(
                "subscriber did not answer subscription=%s failures=%d why=%s", due.subscription, due.failures + 1, why
            )
            ngsi_ld.note_untold(connection, due, why, at=now, again_at=now + _rest(due))
    return True


def let_go(store: Store, kept: Kept) -> int:
    """Let go of what is kept no longer, count it on its subscription and say so; return how many notifications."""
    now = store.clock()
    with store.connection() as connection:
        gone = ngsi_ld.let_go(connection, most=kept.most, before=now - kept.age, now=now)
    for subscription, many in gone.items():
        logger.warning("notifications let go subscription=%s count=%d", subscription, many)
    return sum(gone.values())


def lease(due: Due) -> timedelta:
    """Return how long sending may take at most: to connect, to write and to hear the answer."""
    return timedelta(seconds=3 * _timeout(due.given["notification"]["endpoint"]))


def _timeout(endpoint: Mapping[str, Any]) -> float:
    """Return how many seconds each step of sending may take."""
    return min(float(endpoint.get("timeout", TIMEOUT_SECONDS * 1000)) / 1000, _LONGEST_WAIT_SECONDS)


def _rest(due: Due) -> timedelta:
    """Return how long a subscriber that did not answer is left alone: its own word counts where it is longer."""
    cooldown = due.given["notification"]["endpoint"].get("cooldown", 0)
    return max(pause(due.failures), timedelta(milliseconds=cooldown))


def pause(failures: int) -> timedelta:
    """Return how long to wait after so many failures before: twice as long each time, ten minutes at most."""
    return min(_FIRST_PAUSE * int(2 ** min(failures, 20)), _LONGEST_PAUSE)


def _sent(client: httpx.Client, due: Due) -> str | None:
    """Send one; return why it was not taken, None where it was."""
    endpoint = due.given["notification"]["endpoint"]
    headers = headers_of(due.given, shown_by(due.given, due.context))
    timeout = _timeout(endpoint)
    scheme = endpoint["uri"].partition(":")[0].lower()
    if scheme in SCHEMES:
        return publish(read_mqtt_endpoint(endpoint), message_of(headers, due.body), timeout=timeout)
    if scheme not in ("http", "https"):
        return "only http, https, mqtt and mqtts are spoken"
    try:
        content = msgspec.json.encode(due.body)
        answer = client.post(endpoint["uri"], content=content, headers=headers, timeout=timeout)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return type(error).__name__
    return None if answer.is_success else f"status {answer.status_code}"


class Sender:
    """Threads that work while the server runs: send, hear what devices say, keep what clients wrote, and look at the clock.

    Args:
        store: where everything is put down.
        landing: keeps what clients wrote.
        kept: how much waits for a subscriber that does not answer.
    """

    def __init__(self, store: Store, landing: Landing, kept: Kept) -> None:
        self._store = store
        self._kept = kept
        self._let_go_at = datetime.min.replace(tzinfo=UTC)
        self._hearing = Hearing(store)
        self._landing = landing
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start."""
        works = [self._send] * _WORKERS + [self._hear, self._land, self._tick]
        self._threads = [threading.Thread(target=work, name="ngsi-ld", daemon=True) for work in works]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop; what is being sent may end."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=TIMEOUT_SECONDS)

    def _send(self) -> None:
        with httpx.Client(follow_redirects=False) as client:
            while not self._stop.is_set():
                if not self._tried(lambda: send_next(self._store, client)):
                    self._stop.wait(_IDLE_SECONDS)

    def _hear(self) -> None:
        while not self._stop.is_set():
            if not self._tried(self._hearing.hear):
                self._stop.wait(_IDLE_SECONDS)

    def _land(self) -> None:
        while not self._stop.is_set():
            if not self._tried(self._landing.land):
                self._stop.wait(_IDLE_SECONDS)
        self._landing.close()

    def _tick(self) -> None:
        while not self._stop.wait(0.5):
            self._tried(self._periodic)

    def _periodic(self) -> bool:
        """Tell subscribers with a timeInterval, end what has expired, let go; note whether anybody is to be told of devices."""
        with self._store.connection() as connection:
            now = self._store.clock()
            follow(connection)
            broker.clear_expired(connection, None, at=now)
            told = broker.tell_periodic(connection, at=now)
        if now - self._let_go_at >= _LETTING_GO_EVERY:
            self._let_go_at = now
            let_go(self._store, self._kept)
        return told > 0

    def _tried(self, work: Callable[[], object]) -> bool:
        try:
            return bool(work())
        except (psycopg.Error, OutsideError) as error:
            logger.warning("notifications wait error=%s", type(error).__name__)
        except Exception:
            logger.exception("notifications wait")
        self._stop.wait(1)
        return False
