"""The commands of casework, end to end on a database: accounts, keys, cases, timers."""

import json
from pathlib import Path

import psycopg
import pytest
from tests.act.test_evidence import PNG
from typer.testing import CliRunner, Result

from bihuan.cli import app


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("BIHUAN_DATABASE_URL", database_url)
    monkeypatch.delenv("BIHUAN_API_KEY", raising=False)
    key = tmp_path / "personal.key"

    def call(*arguments: str, stdin: str = "", code: int = 0) -> Result:
        result = CliRunner().invoke(app, list(arguments), input=stdin)
        assert result.exit_code == code, result.output + repr(result.exception)
        return result

    call("account", "key", "new", str(key))
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(key))
    return call


def test_a_matter_from_opening_to_closing(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    chief = run(
        "account", "add", "chief", "--name", "督查", "--unit", "督查室", "--role", "supervisor", "--scope", "city"
    )
    clerk = run("account", "add", "clerk", "--name", "经办", "--unit", "市生态环境局", "--role", "handler")
    passwords = {"chief": chief.stdout, "clerk": clerk.stdout}
    photo = tmp_path / "现场.png"
    photo.write_bytes(PNG)

    def by(login: str, *arguments: str) -> Result:
        return run("act", *arguments, "--as", login, stdin=passwords[login])

    opened = by(
        "chief", "open", "13710", "-f", "title=河道整治", "-f", "requirement=封堵", "--lead", "市生态环境局", "--json"
    )
    number = json.loads(opened.stdout)["number"]
    by("clerk", "do", number, "accept")
    by("clerk", "do", number, "apply", "--note", "完成", "-f", "result=已封堵", "--file", str(photo))
    by("chief", "do", number, "review", "--note", "看过", "--grade", "优秀")
    assert json.loads(by("chief", "show", number, "--json").stdout)["may"] == ["link", "return", "close"]
    assert "closed" in by("chief", "do", number, "close").stdout
    assert json.loads(by("clerk", "list", "--json").stdout)["cases"] == []
    listed = json.loads(by("clerk", "list", "--all", "--json").stdout)["cases"]
    assert [(row["number"], row["step"]) for row in listed] == [(number, "closed")]
    assert json.loads(run("act", "tick", "--json").stdout)["fired"] == 0


def test_a_program_acts_with_its_key(run, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    created = run("account", "api-key", "create", "看板", "--grant", "read", "--unit", "督查室", "--role", "supervisor")
    monkeypatch.setenv("BIHUAN_API_KEY", created.stdout.strip())
    assert json.loads(run("act", "list", "--json").stdout) == {"cases": []}
    refused = CliRunner().invoke(app, ["act", "open", "13710", "-f", "title=x", "-f", "requirement=y"])
    assert "does not allow this" in repr(refused.exception)
    run("account", "api-key", "revoke", "1")
    assert "revoked" in run("account", "api-key", "list").stdout


def test_wrong_passwords_are_counted_and_accounts_disabled(run, database_url: str) -> None:  # type: ignore[no-untyped-def]
    run("account", "add", "chief", "--name", "督查", "--role", "supervisor")
    refused = CliRunner().invoke(app, ["act", "list", "--as", "chief"], input="wrong\n")
    assert "do not belong together" in repr(refused.exception)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select failures from bihuan.account").fetchone() == (1,)
    fresh = run("account", "reset", "chief").stdout
    run("account", "disable", "chief")
    assert json.loads(run("account", "list", "--json").stdout)["accounts"][0]["disabled"] is True
    run("account", "enable", "chief")
    run("act", "list", "--as", "chief", stdin=fresh)


def test_channels_are_opened_shown_and_stopped(run) -> None:  # type: ignore[no-untyped-def]
    assert run("act", "channel", "add", "webhook", "http://127.0.0.1:9/hook").stdout.strip() == "1"
    run("act", "channel", "stop", "1")
    assert "stopped" in run("act", "channel", "list").stdout
    assert run("act", "channel", "failing").stdout == ""
    assert run("act", "recalculate").stdout.strip() == "0 cases moved"


def test_figures_papers_and_calendars_come_out(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    password = run(
        "account", "add", "chief", "--name", "督查", "--unit", "督查室", "--role", "supervisor", "--scope", "city"
    ).stdout
    span = ("--from", "2026-03-02", "--to", "2026-03-08")
    scored = run("act", "score", *span, "--json", "--as", "chief", stdin=password)
    assert json.loads(scored.stdout) == {"cards": []}
    for name, arguments in (
        ("a.docx", ("bulletin", *span)),
        ("a.html", ("bulletin", *span)),
        ("a.xlsx", ("export",)),
        ("a.ics", ("calendar", "督查室")),
    ):
        run("act", *arguments, "-o", str(tmp_path / name), "--as", "chief", stdin=password)
        assert (tmp_path / name).stat().st_size > 100
