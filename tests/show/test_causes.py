"""Every reason for refusing a file is said in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import bihuan.read
from bihuan.core.errors import FormatError, StateError
from bihuan.show import desk
from bihuan.show.causes import CAUSES, cause


def test_every_key_of_the_reader_has_its_cause() -> None:
    sources = [*Path(bihuan.read.__file__).parent.rglob("*.py"), Path(desk.__file__)]
    keys = {key for file in sources for key in re.findall(r'"(read\.[a-z-]+)"', file.read_text(encoding="utf-8"))}
    assert keys == set(CAUSES)


def test_an_error_without_a_key_is_told_as_it_comes() -> None:
    assert cause(FormatError("…", key="read.scan")) == CAUSES["read.scan"]
    assert cause(StateError("…")) is None
