from pathlib import Path

import pytest
from typer.testing import CliRunner

from bihuan.cli import app, main


def test_a_new_city_is_sound_in_every_part_and_its_scenarios_play(tmp_path: Path) -> None:
    folder = str(tmp_path / "city")
    runner = CliRunner()
    assert runner.invoke(app, ["pack", "new", folder]).exit_code == 0
    checked = runner.invoke(app, ["pack", "check", folder])
    assert checked.exit_code == 0, checked.output
    told = dict(line.split(maxsplit=1) for line in checked.stdout.splitlines()[1:])
    assert checked.stdout.startswith("city: 示例市\n")
    assert told["cases/"].startswith("9 case types")
    assert told["documents/"] == "0 documents"
    assert {"rules/", "devices/", "policies.yaml", "scores.yaml", "map/", "energy/"} <= told.keys()
    assert not list(Path(folder).rglob("demo.scenario.yaml"))


def test_check_tells_the_faults_of_every_part_at_once(tmp_path: Path) -> None:
    folder, runner = tmp_path / "city", CliRunner()
    runner.invoke(app, ["pack", "new", str(folder)])
    (folder / "rules" / "more.yaml").write_text("- {id: x, when: a >}", encoding="utf-8")
    (folder / "org.yaml").write_text(
        "- {id: government-office, name: 市政府办公室, english: Office, aliases: []}", encoding="utf-8"
    )
    (folder / "map").mkdir()
    (folder / "map" / "districts.json").write_text(
        '{"features": [{"properties": {"name": "别处"}, "geometry": {"type": "Polygon", "coordinates": []}}]}',
        encoding="utf-8",
    )
    checked = runner.invoke(app, ["pack", "check", str(folder)])
    assert checked.exit_code == 1
    for fault in ("more.yaml:1: name: is missing", "hotline.yaml:15: office: 'hotline-centre' is no office",
                  "small-profit-tax: 'finance' is no office", "别处"):  # fmt: skip
        assert fault in checked.stderr
    assert "devices/         " in checked.stdout


def test_the_shipped_city_is_sound(tmp_path: Path) -> None:
    checked = CliRunner().invoke(app, ["pack", "check", "yangquan"])
    assert checked.exit_code == 0, checked.output
    assert "5 polygons" in checked.stdout
    assert "8,760 hours" in checked.stdout


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
