"""The manual cannot lie by leaving out: what is cited is there, and every command, setting and record is described."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
import re
import subprocess
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import click
import pytest
import typer.main

import bihuan.core.records
from bihuan.cli import app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CITED = re.compile(r"docs/(?:[\w-]+/)*[\w.-]+\.md")
GENERATED = {"docs/reference/commands.md"}
"""Made by `make docs` from the commands themselves."""


def tracked() -> Iterator[tuple[str, str]]:
    """Yield path and text of every file of the repository that is text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        try:
            yield name, (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue


def test_no_citation_is_dead() -> None:
    dead = {
        f"{name}: {page}"
        for name, text in tracked()
        if not name.startswith("tests/docs/")
        for page in CITED.findall(text)
        if page not in GENERATED and not (ROOT / page).exists()
    }
    assert dead == set()


def commands(command: click.Command, name: str = "bihuan") -> Iterator[tuple[str, click.Command]]:
    inside = getattr(command, "commands", None)
    if inside:
        for sub, inner in inside.items():
            yield from commands(inner, f"{name} {sub}")
    else:
        yield name, command


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_and_shows_an_example(name: str) -> None:
    told = COMMANDS[name].help or ""
    assert len(told) > 20
    assert re.search(rf"Examples?:\s+{name}\b", told)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    silent = [
        one.opts[0]
        for one in COMMANDS[name].params
        if not getattr(one, "help", None) and one.name not in ("help", "install_completion", "show_completion")
    ]
    assert silent == []


def test_every_setting_is_described() -> None:
    page = (DOCS / "reference/settings.md").read_text(encoding="utf-8")
    used = {
        name
        for path, text in tracked()
        if path.startswith(("src/", "Makefile", ".ci/"))
        for name in re.findall(r"\bBIHUAN_[A-Z_]*[A-Z]\b", text)
    }
    assert {name for name in used if f"`{name}`" not in page} == set()


def _is_record(one: object, module: str) -> bool:
    return isinstance(one, type) and is_dataclass(one) and one.__module__ == module


def records() -> Iterator[type]:
    for module in pkgutil.iter_modules(bihuan.core.records.__path__):
        loaded = importlib.import_module(f"bihuan.core.records.{module.name}")
        yield from (one for one in vars(loaded).values() if _is_record(one, loaded.__name__))


@pytest.mark.parametrize("record", list(records()), ids=lambda record: record.__name__)
def test_every_record_says_what_it_is(record: type) -> None:
    """The page is made of the docstrings (`docs/reference/records.md`); a dataclass without one shows its signature."""
    assert record.__doc__
    assert not record.__doc__.startswith(f"{record.__name__}(")


def test_structure_names_every_package() -> None:
    page = (DOCS / "structure.md").read_text(encoding="utf-8")
    packages = {path.parent.name for path in (ROOT / "src/bihuan").glob("*/__init__.py")}
    assert {name for name in packages if f"{name}/" not in page} == set()


def test_the_two_readmes_are_in_step() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))
    shape = re.compile(r"^(#+ |!\[|\| `\w+`|make \w+)", re.MULTILINE)
    links = re.compile(r"\]\((?!README)([^)]+)\)")
    assert shape.findall(english) == shape.findall(chinese)
    assert sorted(links.findall(english)) == sorted(links.findall(chinese))
    assert all((ROOT / link).exists() for link in links.findall(english) if not link.startswith("docs/images/"))
    between = re.compile(r"<!-- figures: begin -->(.*?)<!-- figures: end -->", re.DOTALL)
    numbers = [re.findall(r"\d[\d.,]*", match[1]) for text in (english, chinese) if (match := between.search(text))]
    assert numbers[0] == numbers[1]


def test_no_two_decisions_have_one_number() -> None:
    numbers = sorted(page.name[:4] for page in (DOCS / "decisions").glob("*.md"))
    assert numbers == sorted(set(numbers))


def test_the_manual_begins_with_the_way_to_every_page() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\]\(([\w./-]+\.md)\)", index))
    pages = {
        str(page.relative_to(DOCS))
        for kind in ("how-to", "reference", "explanation")
        for page in DOCS.glob(f"{kind}/*.md")
    }
    assert pages - named == set()
    assert {page for page in named if not (DOCS / page).exists() and f"docs/{page}" not in GENERATED} == set()


def test_no_link_of_the_manual_is_dead() -> None:
    dead = {
        f"{page.relative_to(DOCS)}: {link}"
        for page in DOCS.rglob("*.md")
        for link in re.findall(r"\]\((?!https?:)([\w./-]+\.md)(?:#[\w-]*)?\)", page.read_text(encoding="utf-8"))
        if not (target := (page.parent / link).resolve()).exists() and str(target.relative_to(ROOT)) not in GENERATED
    }
    assert dead == set()


def examples() -> Iterator[tuple[str, ast.ImportFrom]]:
    """Yield every import from bihuan in the manual's Python examples, with its page."""
    for page in DOCS.rglob("*.md"):
        for block in re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
            nodes = ast.walk(ast.parse(block))
            found = [
                one for one in nodes if isinstance(one, ast.ImportFrom) and (one.module or "").startswith("bihuan")
            ]
            yield from ((str(page.relative_to(DOCS)), one) for one in found)


def test_what_examples_import_is_there() -> None:
    found = list(examples())
    assert len(found) > 5
    for page, one in found:
        module = importlib.import_module(str(one.module))
        for name in one.names:
            assert hasattr(module, name.name) or importlib.util.find_spec(f"{one.module}.{name.name}"), (
                page,
                name.name,
            )


def test_the_example_of_a_room_is_one() -> None:
    text = (DOCS / "how-to/add-a-room.md").read_text(encoding="utf-8")
    room: dict[str, Any] = {"__name__": "room"}
    exec(re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0], room)
    assert [route.path for route in room["router"].routes] == [room["PLACE"].address]
    for part in re.findall(r"`parts\.(\w+)\(", text):
        assert f"macro {part}(" in (ROOT / "src/bihuan/show/templates/parts.html").read_text(encoding="utf-8")
