"""A file made for one reader: written to a temporary folder that is gone before the first byte is sent.

Not Starlette's FileResponse: the server sends a file by its path, in its own time, and a clean-up after the answer may
come first. An open file stays readable when its name is gone, and a crash leaves nothing behind.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from fastapi.responses import StreamingResponse

MEDIA_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
}
CHUNK_BYTES = 256 * 1024


def download(name: str, write: Callable[[Path], None]) -> StreamingResponse:
    """Return the file that `write` makes at the path it is given, to be kept as `name`."""
    suffix = Path(name).suffix
    with tempfile.TemporaryDirectory(prefix="bihuan-") as folder:
        path = Path(folder) / f"file{suffix}"
        write(path)
        size, file = path.stat().st_size, path.open("rb")
    headers = {"content-length": str(size), **kept_as(name)}
    return StreamingResponse(_chunks(file), media_type=MEDIA_TYPES[suffix], headers=headers)


def kept_as(name: str) -> dict[str, str]:
    """Return the header by which a browser keeps an answer as a file of this name, and never shows it as a page."""
    return {"content-disposition": f"attachment; filename*=utf-8''{quote(name)}"}


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
