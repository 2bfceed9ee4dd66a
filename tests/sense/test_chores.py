"""Chores in a process of their own: they are done, begin again when lost, and end with whoever started them."""

import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bihuan.sense import chores
from bihuan.store.connect import Store
from bihuan.store.lake import Lake
from bihuan.store.packs import default_pack

_WITH_CHORES = """
import multiprocessing, sys, time
from pathlib import Path
from bihuan.sense import chores
from bihuan.store.lake import Lake
if __name__ == "__main__":
    with chores.in_own_process(sys.argv[1], Path(sys.argv[2]), Lake(Path(sys.argv[3]))):
        while not multiprocessing.active_children():
            time.sleep(0.01)
        print(multiprocessing.active_children()[0].pid, flush=True)
        time.sleep(600)
"""


def until(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.05)


def readers(store: Store) -> list[str]:
    with store.connection() as connection:
        return [name for (name,) in connection.execute("select name from outbox_reader order by name").fetchall()]


def kill_and_forget(store: Store, process: multiprocessing.process.BaseProcess) -> None:
    """Kill chores, and forget that they have begun before others can begin."""
    with store.connection() as connection:
        connection.execute("lock table outbox_reader in exclusive mode")
        process.kill()
        process.join()
        connection.execute("delete from outbox_reader")


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_chores_that_are_lost_begin_again(store: Store, tmp_path: Path) -> None:
    with chores.in_own_process(store.url, default_pack().folder, Lake(tmp_path)):
        until(lambda: readers(store))
        (first,) = multiprocessing.active_children()
        kill_and_forget(store, first)
        until(lambda: readers(store))
        (second,) = multiprocessing.active_children()
        assert second.pid != first.pid
    assert not second.is_alive()


def test_chores_end_with_whoever_started_them(store: Store, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_WITH_CHORES)
    command = [sys.executable, str(script), store.url, str(default_pack().folder), str(tmp_path / "lake")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        until(lambda: readers(store))
        assert is_alive(child)
        parent.kill()
        until(lambda: not is_alive(child))
