from pathlib import Path

import pytest
from typer.testing import CliRunner

from bihuan.cli import app, main


def test_new_then_check(tmp_path: Path) -> None:
    folder = str(tmp_path / "city")
    runner = CliRunner()
    assert runner.invoke(app, ["pack", "new", folder]).exit_code == 0
    checked = runner.invoke(app, ["pack", "check", folder])
    assert checked.exit_code == 0
    assert checked.stdout.startswith("city: 示例市, 1 places")


def test_faults_go_to_stderr_and_end_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "city.yaml").write_text("name: 甲市", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["bihuan", "pack", "check", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    assert ended.value.code == 2
    assert shown.out == ""
    assert "city.yaml:1: province: is missing" in shown.err
