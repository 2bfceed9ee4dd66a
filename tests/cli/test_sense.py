import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bihuan.cli import app
from bihuan.core.errors import InputError
from bihuan.sense.protocols import hj212

runner = CliRunner()
FRAME = hj212.encode({"QN": "20260301080000123", "MN": "A1", "Flag": "5"}, {"x": "阳泉"})


def test_streams_are_decoded_in_order_and_a_refused_frame_is_data(tmp_path: Path) -> None:
    path = tmp_path / "streams.jsonl"
    lines = [{"id": "a", "chunks": [FRAME[:9].hex(), FRAME[9:].hex()]}, {"id": 7, "chunks": ["00"]}]
    path.write_text("\n\n".join(map(json.dumps, lines)), encoding="utf-8")
    done = runner.invoke(app, ["sense", "decode", "--protocol", "hj212", "--chunks", str(path)])
    assert done.exit_code == 0
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["id"], first["frames"][0]["params"]) == ("a", {"x": "阳泉"})
    assert second == {"id": 7, "frames": [{"ok": False, "error": "bad_header"}]}


@pytest.mark.parametrize("text", ["{}", '{"id": "a", "chunks": ["zz"]}', "nonsense", '{"id": "a", "chunks": 5}'])
def test_an_unreadable_file_is_refused_before_anything_is_printed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "streams.jsonl"
    path.write_text(json.dumps({"id": "a", "chunks": [FRAME.hex()]}) + "\n" + text)
    done = runner.invoke(app, ["sense", "decode", "--protocol", "hj212", "--chunks", str(path)])
    assert isinstance(done.exception, InputError)
    assert "line 2" in str(done.exception)
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["rules", "check"], "mine-gas"),
        (["policies"], "high-tech-tax"),
        (["--help"], "simulate"),
        (["serve", "--help"], "Example"),
    ],
)
def test_what_needs_no_database(arguments: list[str], shown: str) -> None:
    done = runner.invoke(app, ["sense", *arguments])
    assert done.exit_code == 0, done.output
    assert shown in done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["simulate", "--hj212", "nowhere"],
        ["simulate", "--faults", "fire=1"],
        ["rules", "backtest", "no-such-rule"],
        ["history", "urn:x", "--period", "week"],
    ],
)
def test_wrong_usage_is_told(arguments: list[str]) -> None:
    assert isinstance(runner.invoke(app, ["sense", *arguments]).exception, InputError)
