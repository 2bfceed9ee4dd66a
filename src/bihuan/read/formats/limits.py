"""How large an input may be before it is refused, said once for every format."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.core.errors import FormatError


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

    def check_bytes(self, size: int, name: str) -> None:
        """Refuse a file above `max_bytes`.

        Raises:
            FormatError: names the file, its size and the limit.
        """
        if size > self.max_bytes:
            raise FormatError(
                f"the file has more than {self.max_bytes / 1e6:g} MB. Split it, or raise the limit (--max-mb).",
                where=name,
                key="read.too-large",
            )

    def check_chars(self, chars: int, name: str) -> None:
        """Refuse a text above `max_chars`.

        Raises:
            FormatError: names the file and the limit.
        """
        if chars > self.max_chars:
            raise FormatError(
                f"the text has more than {self.max_chars:,} characters. Split the file, or raise the limit (--max-mb).",
                where=name,
                key="read.too-large",
            )


DEFAULT_LIMITS = Limits()
