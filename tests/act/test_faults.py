"""A short fault run: workers and the server are killed, and no timer is lost or fires twice (the long one: benchmarks)."""

from pathlib import Path

from benchmarks.act_faults import run


def test_killed_workers_and_servers_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    found = run(tmp_path / "home", 40, workers=2, seconds=10)
    assert found.worker_kills + found.server_kills > 0
    assert (found.lost, found.twice, found.audit) == ([], [], None)
    assert found.points == 40 * 8
