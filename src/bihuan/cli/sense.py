"""`bihuan sense`: device protocols from the command line."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path

import typer

from bihuan.core.errors import InputError

app = typer.Typer(help="Device protocols: decode what devices send.", no_args_is_help=True)


class Protocol(StrEnum):
    """The protocols that `decode` knows."""

    hj212 = "hj212"
    gb32960 = "gb32960"


@app.callback()
def _family() -> None: ...


@app.command()
def decode(
    protocol: Protocol = typer.Option(..., help="hj212 (pollution sources) or gb32960 (electric vehicles)."),
    chunks: Path = typer.Option(..., help='JSON Lines: {"id": "...", "chunks": ["hex", ...]}, one stream a line.'),
) -> None:
    """Decode recorded device streams to JSON Lines: {"id": ..., "frames": [...]}.

    A refused frame is data, {"ok": false, "error": CODE}; the exit code is 2 only for an unreadable FILE.

    Example: bihuan sense decode --protocol hj212 --chunks streams.jsonl
    """
    from bihuan.sense.protocols import gb32960, hj212

    read = {Protocol.hj212: hj212.decode, Protocol.gb32960: gb32960.decode}[protocol]
    for identifier, segments in _streams(chunks):
        print(json.dumps({"id": identifier, "frames": read(segments)}, ensure_ascii=False, allow_nan=False))


def _streams(path: Path) -> list[tuple[object, list[bytes]]]:
    """Read the whole file first, so that an unreadable one gives no half answer."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read as UTF-8 text: {error}", where=str(path)) from error
    return [_stream(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def _stream(line: str, where: str) -> tuple[object, list[bytes]]:
    try:
        record = json.loads(line)
        return record["id"], [bytes.fromhex(chunk) for chunk in record["chunks"]]
    except (ValueError, KeyError, TypeError) as error:
        expected = '{"id": "...", "chunks": ["hex", ...]} was expected'
        raise InputError(f"{expected}, but it does not read as such: {error!r}", where=where) from error
