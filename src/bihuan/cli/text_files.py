"""Text that a command is given: a file, or what comes on standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from bihuan.core.errors import InputError


def text_of(file: Path | None) -> str:
    """Return the text of a file, of standard input where none is given.

    Raises:
        InputError: there is no such file, it may not be read, or it is no UTF-8; the message says what to do.
    """
    where = str(file) if file else "standard input"
    try:
        return (file.read_bytes() if file else sys.stdin.buffer.read()).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise InputError("there is no such file; check the name and the folder", where=where) from error
    except IsADirectoryError as error:
        raise InputError("is a folder; name one file in it", where=where) from error
    except UnicodeDecodeError as error:
        found = f"byte {error.object[error.start]:#04x} at position {error.start}"
        raise InputError(f"is no UTF-8 text ({found}); save it as UTF-8", where=where) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=where) from error
