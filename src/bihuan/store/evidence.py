"""Files of evidence by SHA-256: the same bytes are stored once, whoever brings them."""

from __future__ import annotations

from datetime import datetime

from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("evidence.sql")


def save(connection: Connection, sha256: str, media_type: str, content: bytes, at: datetime) -> None:
    """Store a file unless it is there."""
    row = {"sha256": sha256, "media_type": media_type, "size_bytes": len(content), "content": content, "at": at}
    connection.execute(_SQL["save"], row)


def of_case(connection: Connection, number: str, sha256: str) -> tuple[str, bytes] | None:
    """Return media type and bytes of a file of a case; None where it has no such file."""
    row = connection.execute(_SQL["of_case"], {"number": number, "sha256": sha256}).fetchone()
    return None if row is None else (row[0], bytes(row[1]))
