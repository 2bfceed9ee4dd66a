"""A progress bar on stderr, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Result = TypeVar("Result")


def shown(results: Iterable[Result], total: int, doing: str) -> Iterator[Result]:
    """Yield `results` while a bar counts them up to `total`."""
    if not sys.stderr.isatty():
        yield from results
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(doing, total=total)
        for result in results:
            bar.advance(task)
            yield result
