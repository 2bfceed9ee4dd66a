"""kill -9 in the middle of an upload: a document is there whole or not at all, and the next try completes."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest
from tests.loops.conftest import Server, start

from bihuan.store.connect import open_store

REPORT = "2023年政府工作报告\n一、2023年重点工作\n" + "".join(
    f"（{n}）今年第{n}片区新建道路{n}公里，绿化面积增长{n % 90 + 1}%，开工建设第{n}泵站。\n" for n in range(1, 300)
)
SAVING = """select count(*) from pg_locks join pg_database d on d.oid = database
            where locktype = 'advisory' and datname = current_database()"""
STUCK = """select count(*) from pg_locks saving join pg_locks waiting using (pid)
           join pg_database d on d.oid = saving.database
           where saving.locktype = 'advisory' and not waiting.granted and datname = current_database()"""
"""Who saves a document and waits for another."""


def _upload(server: Server) -> None:
    boundary = b"--x\r\ncontent-disposition: form-data; name=files; filename=big.txt\r\n\r\n"
    request = urllib.request.Request(
        f"{server.address}/documents",
        data=boundary + REPORT.encode() + b"\r\n--x--\r\n",
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    try:
        urllib.request.urlopen(request, timeout=120).close()
    except (OSError, urllib.error.URLError):
        return  # the server was killed: that is the test


def _stored(url: str) -> tuple[int, int, int]:
    """Return documents, rows missing from them, and imports in the event log."""
    query = """
        select (select count(*) from document),
               (select coalesce(sum(statements + commitments), 0) from document) - (select count(*) from entry),
               (select count(*) from event where type = 'document.imported')"""
    with psycopg.connect(url, options="-c search_path=bihuan") as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def _is_alive(pid: str) -> bool:
    """A zombie that nobody has reaped yet is not alive."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _worked(pids: list[str]) -> int:
    """Return the processor time of processes, in ticks."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(one[11]) + int(one[12]) for one in fields)


@pytest.mark.parametrize("moment", ["reading", "saving"])
def test_all_or_nothing(database_url: str, moment: str) -> None:
    server = start(BIHUAN_DATABASE_URL=database_url)
    children = _children(server.process.pid)
    assert children, "a reader process waits for the first file"
    sending = threading.Thread(target=_upload, args=(server,))
    before = _worked(children)
    if moment == "saving":
        with psycopg.connect(database_url, options="-c search_path=bihuan") as holding:
            holding.execute("lock table event in exclusive mode")  # rows can be written; what happened cannot
            sending.start()
            with psycopg.connect(database_url, autocommit=True) as watching:
                while not watching.execute(STUCK).fetchone()[0]:
                    time.sleep(0.01)
            server.process.kill()
    else:
        sending.start()
        while sending.is_alive() and _worked(children) <= before:
            time.sleep(0.001)
        server.process.kill()
    server.process.wait()
    sending.join()
    while any(map(_is_alive, children)):  # the reader process ends with the server, or the test's time runs out
        time.sleep(0.01)
    with psycopg.connect(database_url, autocommit=True) as watching:
        while watching.execute(SAVING).fetchone()[0]:  # the database notices that its client is gone
            time.sleep(0.01)
    documents, missing, imports = _stored(database_url)
    assert (missing, imports) == (0, documents)
    assert documents == 0 or moment == "reading"

    again = start(BIHUAN_DATABASE_URL=database_url)
    _upload(again)
    assert again.stop() == 0
    assert _stored(database_url) == (1, 0, 1)
    with open_store(url=database_url) as store, store.connection() as connection:
        assert connection.execute("select links_revision = ledger_revision from ledger_state").fetchone() == (True,)
