"""Run every benchmark, after the versions of everything and what machine this is.

A benchmark is a module of this package with a function `bench()`; a new one needs no entry anywhere.
"""

import importlib
import pkgutil
import sys

import benchmarks
from benchmarks.machine import describe


def names() -> list[str]:
    """Return the modules that may hold a benchmark, in order of their names."""
    return sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name[0] != "_")


def main(chosen: list[str]) -> None:
    """Run the benchmarks named, or all."""
    print(describe())
    for name in chosen or names():
        bench = getattr(importlib.import_module(f"benchmarks.{name}"), "bench", None)
        if bench is not None:
            print(f"\n== {name} ==", flush=True)
            bench()


if __name__ == "__main__":
    main(sys.argv[1:])
