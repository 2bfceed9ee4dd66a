"""How fast a corpus is read on one core, beside `recognizers-text` and `jionlp` in the same run.

Prints the whole command over 5 and 20 MB with its peak memory (flat where the two peaks are alike), the time of each
step, and the ratio to the peers on one sample. The peers find numbers; `read` says what each is, of what and for when.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks import corpus
from bihuan.read import load_pack, pipeline
from bihuan.read.restore import restore

STEPS = ("load", "restore", "take_apart", "read_statements", "read_commitments")
PEERS = corpus.ROOT / ".cache/bench-venv/bin/python"
SAMPLE_BYTES = 120_000
"""Of the sample for the peers, which are slow."""


def bench() -> None:
    """Print the three tables."""
    with tempfile.TemporaryDirectory() as scratch:
        whole_command(Path(scratch))
    steps()
    peers()


def whole_command(scratch: Path) -> None:
    """Print rate and peak memory of `bihuan read` over two sizes of corpus, one process."""
    print("corpus MB  files  wall s   MB/s   cpu s MB/s a core   found peak MB")
    for megabytes in (5, 20):
        paths = corpus.write(scratch / str(megabytes), megabytes * 1_000_000)
        size = sum(path.stat().st_size for path in paths) / 1e6
        out = scratch / f"{megabytes}.jsonl"
        wall, cpu, peak = run_bihuan(paths, out)
        with out.open("rb") as lines:
            found = sum(1 for _ in lines)
        row = f"{size:>9.1f} {len(paths):>6} {wall:>7.1f} {size / wall:>6.2f} {cpu:>7.1f} {size / cpu:>11.2f}"
        print(f"{row} {found:>7} {peak:>7.0f}", flush=True)


def run_bihuan(paths: list[Path], out: Path) -> tuple[float, float, float]:
    """Run the command; return wall seconds, processor seconds and peak resident memory [MB]."""
    command = [str(Path(sys.executable).with_name("bihuan")), "read", *map(str, paths), "-o", str(out)]
    command += ["--commitments", str(out.with_suffix(".commitments.jsonl"))]
    start = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"bihuan read ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def steps(megabytes: float = 2.0) -> None:
    """Print what each step of the pipeline takes, in one process that has already warmed up."""
    pack = load_pack(None)
    texts = [text.encode() for text in corpus.documents(int(megabytes * 1e6))]
    pipeline.read_bytes(texts[0], "warm.txt", pack)
    took: dict[str, float] = {}
    with ExitStack() as stack:
        for step in STEPS:
            work = partial(timed, took, step, getattr(pipeline, step))
            stack.enter_context(patch.object(pipeline, step, work))
        readings = [pipeline.read_bytes(text, f"{number}.txt", pack) for number, text in enumerate(texts)]
    timed(took, "link", lambda: list(pipeline.link(readings, pack)))
    total, size = sum(took.values()), sum(map(len, texts)) / 1e6
    print(f"\nsteps over {size:.1f} MB, {len(texts)} documents")
    for step, seconds in took.items():
        print(f"{step:>18} {seconds:>7.2f} s {seconds / total:>6.1%} {size / seconds:>8.2f} MB/s")
    print(f"{'all':>18} {total:>7.2f} s {'':>6} {size / total:>8.3f} MB/s", flush=True)


def timed(took: dict[str, float], step: str, work: Callable[..., Any], *args: Any) -> Any:
    """Do one step and add its processor seconds to the table, which others' work on the machine does not lengthen."""
    start = time.process_time()
    result = work(*args)
    took[step] = took.get(step, 0.0) + time.process_time() - start
    return result


def peers() -> None:
    """Print the ratio to each peer over one sample of clean text."""
    if not PEERS.exists():
        print("\npeers not measured: run `make bench-peers` first")
        return
    sample = clean_sample()
    pack = load_pack(None)
    pipeline.read_bytes(sample.encode(), "warm.txt", pack)
    start = time.perf_counter()
    reading = pipeline.read_bytes(sample.encode(), "sample.txt", pack)
    ours = time.perf_counter() - start
    answer = run_peers(sample)
    size = len(sample.encode()) / 1e6
    print(f"\nbeside peers on {size * 1000:.0f} kB of restored text: {answer.pop('versions')}")
    print(f"{'bihuan read':>38} {ours:>7.2f} s {size / ours:>7.3f} MB/s {len(reading.statements):>5} statements")
    for name, figure in answer.items():
        row = f"{name:>38} {figure['seconds']:>7.2f} s {size / figure['seconds']:>7.3f} MB/s {figure['found']:>5} found"
        print(f"{row}, bihuan is {figure['seconds'] / ours:.1f} x")


def clean_sample() -> str:
    """Return restored text of about SAMPLE_BYTES, so that damage is no handicap for the peers."""
    return restore("".join(corpus.documents(SAMPLE_BYTES))).text


def run_peers(sample: str) -> Any:
    """Run the peers in their own environment on the sample; return what they print."""
    script = Path(__file__).with_name("peer_numbers.py")
    done = subprocess.run([PEERS, script], input=sample, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    bench()
