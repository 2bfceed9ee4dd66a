"""The wheel is the whole product: packs with their documents, SQL, templates, catalogues."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_file_of_the_package_is_in_the_wheel(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(["git", "ls-files", "-z", "src"], cwd=ROOT, check=True, capture_output=True).stdout
    tracked = {name.removeprefix("src/") for name in listed.decode().split("\0") if name}
    assert tracked - held == set()
    assert "bihuan/show/static/vendor/htmx.min.js" in held
    assert any(name.startswith("bihuan/packs/yangquan/documents/") for name in held)
