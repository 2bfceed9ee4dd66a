"""Killed at random under load: what was acknowledged is there, once. The long run is `benchmarks/sense_faults.py`."""

from pathlib import Path

from tests.sense.faults import fault_run, lines


def test_what_was_acknowledged_survives_kills_at_random(tmp_path: Path) -> None:
    run = fault_run(tmp_path, seconds=6, count=6, kill_every=1.5)
    told = "; ".join(lines(run))
    assert run.count >= 6, told
    assert len(run.kills) >= 2, told
    assert (run.missing, run.twice) == ([], 0), told
