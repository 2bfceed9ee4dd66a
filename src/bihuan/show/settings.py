"""What can be set about the cockpit; passed in, never global."""

from __future__ import annotations

from dataclasses import dataclass

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one running cockpit."""

    host: str = "127.0.0.1"
    """Address to listen on; on this machine alone by default."""
    port: int = 8137
    allowed_hosts: tuple[str, ...] = LOCAL_NAMES
    """Names a request may call this server by."""
    max_file_bytes: int = 32 * 1024 * 1024
    """Largest single file taken."""
    max_upload_bytes: int = 64 * 1024 * 1024
    """Largest request taken: all files of one upload together."""
    max_chars: int = 1_000_000
    """Longest text taken; a city's yearly report has thirty thousand."""
    max_files: int = 50
    """Most files of one upload."""
    demo: bool = False
    """Whether the city is made up: every page says so."""
    ngsi_ld_instances: int = 1000
    """Of an attribute's history in one answer of NGSI-LD, at most; longer ones are answered in parts."""
    ngsi_ld_kept: int = 10_000
    """Notifications kept for a subscriber of NGSI-LD that does not answer, at most; of more the oldest are let go, and counted."""
    ngsi_ld_kept_days: int = 7
    """How long a notification is kept for a subscriber that does not answer."""
    reading_seconds: float = 120
    """How long reading one file may take before it is given up."""
