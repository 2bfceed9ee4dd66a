"""The chores of a city, each done again and again; best in a process of their own, where they hold up no answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bihuan.core.errors import OutsideError
from bihuan.sense.housekeeping import House
from bihuan.store.connect import open_store
from bihuan.store.lake import Lake
from bihuan.store.offspring import end_with_parent, unseen_by_the_terminal

logger = logging.getLogger(__name__)
_NICENESS = 10
"""Chores give way: devices that wait for an answer and people who look at a page come first."""
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done again and again."""

    name: str
    work: Callable[[], object]
    every_seconds: float


def chores_of(house: House) -> list[Chore]:
    """Return what a house has done, and how often."""
    return [
        Chore("rules", house.run_rules, 0.5),
        Chore("rules of the clock", house.tick_rules, 60),
        Chore("places", house.follow_places, 5),
        Chore("policies", house.match_policies, 5),
        Chore("roll-ups", house.roll_up, 10),
        Chore("outbox", house.clear_outbox, 60),
        Chore("silence", house.watch_silence, 15),
        Chore("sealing", house.seal_days, 900),
        Chore("retention", house.forget, 3600),
    ]


async def keep_doing(chores: Sequence[Chore]) -> None:
    """Do chores until cancelled, each in a thread; one that fails is tried again at its next time."""
    await asyncio.gather(*map(_again_and_again, chores))


async def _again_and_again(chore: Chore) -> None:
    while True:
        try:
            await asyncio.to_thread(chore.work)
        except (psycopg.Error, OutsideError) as error:
            logger.warning("chore failed name=%s error=%s", chore.name, type(error).__name__)
        except Exception:
            logger.exception("chore failed name=%s", chore.name)
        await asyncio.sleep(chore.every_seconds)


@contextlib.contextmanager
def in_own_process(url: str, folder: Path, lake: Lake) -> Iterator[None]:
    """Have a city's chores done in another process while inside; should it be lost, another begins.

    Args:
        url: of the store.
        folder: of the pack.
        lake: where sealed days lie.
    """
    leaving = threading.Event()
    watch = threading.Thread(target=_keep_running, args=(leaving, url, folder, lake.folder), name="chores")
    watch.start()
    try:
        yield
    finally:
        leaving.set()
        watch.join()


def _keep_running(leaving: threading.Event, url: str, folder: Path, lake: Path) -> None:
    context = multiprocessing.get_context("spawn")
    while not leaving.is_set():
        process = context.Process(target=_live, args=(url, folder, lake), name="chores", daemon=True)
        with unseen_by_the_terminal():
            process.start()
        while process.is_alive() and not leaving.wait(_PAUSE_SECONDS):
            pass
        process.terminate()
        process.join()
        if not leaving.wait(_PAUSE_SECONDS):
            logger.warning("chores were lost and begin again exit=%s", process.exitcode)


def _live(url: str, folder: Path, lake: Path) -> None:
    os.nice(_NICENESS)
    end_with_parent()  # what is half done then is rolled back
    with contextlib.suppress(OutsideError), open_store(url=url) as store:  # away; the next process tries again
        house = House.of(store, folder, Lake(lake))
        house.begin()
        asyncio.run(keep_doing(chores_of(house)))
