"""An address of NGSI-LD and what answers there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bihuan.show.api.ngsi_ld_wire import Answer


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    method: str
    pattern: str
    """`entities/{id}/attrs/{attribute}`."""
    handler: Callable[..., Answer]
    """Takes the call, and the parts in braces by name."""
    query: frozenset[str] = frozenset()
    """Parameters it knows."""
    offers: tuple[str, ...] = ()
    """Media types of its answer, the default first; empty where Accept means nothing."""
    reads: bool = False
    """Whether it changes nothing, though it is a POST."""

    def match(self, path: list[str]) -> dict[str, str] | None:
        """Return the parts in braces where a path is this one."""
        parts = self.pattern.split("/")
        if len(parts) != len(path):
            return None
        found = {}
        for part, given in zip(parts, path, strict=True):
            if part[0] == "{":
                found[part[1:-1]] = given
            elif part != given:
                return None
        return found
