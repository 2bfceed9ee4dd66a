"""`bihuan` as a user runs it: arguments in; exit code, stdout and stderr out."""

from collections.abc import Callable

import pytest

from bihuan.cli import main

Answer = tuple[int, str, str]
Command = Callable[..., Answer]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `bihuan` with arguments in this process."""

    def command(*arguments: object) -> Answer:
        monkeypatch.setattr("sys.argv", ["bihuan", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return command


@pytest.fixture
def bihuan(run: Command, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The same over a fresh database of the run's server."""
    monkeypatch.setenv("BIHUAN_DATABASE_URL", database_url)
    return run
