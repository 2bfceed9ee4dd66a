"""One run of `bihuan read` over the seeds, as a user would start it, and the table of what it measured."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("BIHUAN_SHARED", Path(__file__).parents[3] / "shared"))
ROWS = pytest.StashKey[list[tuple[str, str, str, bool]]]()


@dataclass(frozen=True)
class Run:
    """What the command left behind."""

    shared: Path
    out: Path
    scores: dict[str, Any] = field(default_factory=dict)

    @property
    def gold(self) -> Path:
        return self.shared / "gold"

    def raw(self, doc: str) -> str:
        return (self.shared / "seeds" / doc).read_bytes().decode("utf-8")

    def restored(self, doc: str) -> str:
        return (self.out / "restored" / doc).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    seeds = sorted((SHARED / "seeds").glob("*.txt"))
    if not seeds:
        pytest.fail(f"no seeds in {SHARED}: set BIHUAN_SHARED")
    out = tmp_path_factory.mktemp("read")
    command = [Path(sys.executable).with_name("bihuan"), "read", *seeds, "-o", out / "statements.jsonl"]
    command += [
        "--commitments",
        out / "commitments.jsonl",
        "--links",
        out / "links.jsonl",
        "--restored",
        out / "restored",
    ]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return Run(SHARED, out)


@pytest.fixture(scope="session")
def scorers() -> Iterator[Any]:
    """The scorers that lie beside the gold labels."""
    sys.path.insert(0, str(SHARED / "gold"))
    try:
        import score
        import score_commitments
        import score_links

        yield {"statements": score, "commitments": score_commitments, "links": score_links}
    finally:
        sys.path.remove(str(SHARED / "gold"))


@pytest.fixture
def row(request: pytest.FixtureRequest) -> Any:
    """Put one line into the table: what, asked, measured, whether it is reached."""
    rows = request.config.stash.setdefault(ROWS, [])
    return lambda *cells: rows.append(cells)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash.get(ROWS, [])
    if not rows:
        return
    terminalreporter.section("asked and measured")
    for what, asked, measured, reached in rows:
        terminalreporter.write_line(
            f"{what:<46} {asked:>8} {measured:>12}  {'' if reached else 'NOT REACHED'}".rstrip()
        )
