"""SQL kept in files: one file a module, one `-- name: …` section a statement, what it does in the lines below."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import LiteralString, cast

_SECTION = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def statements(file: str) -> Mapping[str, LiteralString]:
    """Return the statements of `store/<file>` by name; they are part of the program, never of its input."""
    parts = _SECTION.split(files("bihuan.store").joinpath(file).read_text(encoding="utf-8"))
    return {name: cast(LiteralString, text.strip()) for name, text in zip(parts[1::2], parts[2::2], strict=True)}
