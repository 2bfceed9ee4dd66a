"""How large an input may be before it is refused, said once for every format."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost; every limit is checked before the work it would cause."""

    max_bytes: int = 50_000_000
    """Of the file as it lies on the disk."""
    max_chars: int = 50_000_000
    """Of the text drawn out of it."""
    max_entries: int = 10_000
    """Members of a zip container (docx, xlsx, ofd)."""
    max_unpacked_bytes: int = 300_000_000
    """All members of a zip container together."""
    max_ratio: int = 200
    """Unpacked to packed size of one member; office XML reaches about 30."""
    max_pages: int = 5_000
    """Of a PDF or OFD."""


DEFAULT_LIMITS = Limits()
