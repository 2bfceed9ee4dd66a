"""What goes wrong between a device and the platform, on request and by a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields

from bihuan.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Faults:
    """Shares of frames, 0 to 1."""

    loss: float = 0.0
    """Never sent."""
    duplicate: float = 0.0
    """Sent twice."""
    reorder: float = 0.0
    """Sent after the next one."""
    corrupt: float = 0.0
    """With a byte changed."""
    split: float = 0.0
    """In two segments with a pause between."""
    storm: float = 0.0
    """Sent a hundred times over, all at once."""


STORM_FRAMES = 100


def parse_faults(text: str) -> Faults:
    """Return faults from `loss=0.01,duplicate=0.02`.

    Raises:
        InputError: no such fault, or no share.
    """
    known = [field.name for field in fields(Faults)]
    shares: dict[str, float] = {}
    for piece in filter(None, text.split(",")):
        name, _, share = piece.partition("=")
        try:
            shares[name] = float(share)
        except ValueError:
            shares[name] = -1
        if name not in known or not 0 <= shares[name] <= 1:
            raise InputError(
                f"'{piece}' is no fault with a share from 0 to 1; there are {', '.join(known)}", where="--faults"
            )
    return Faults(**shares)


class Line:
    """A line to the platform on which faults happen; gives the segments to be sent for each frame."""

    def __init__(self, faults: Faults, chance: random.Random) -> None:
        self._faults = faults
        self._chance = chance
        self._held: bytes | None = None
        self.happened: dict[str, int] = {field.name: 0 for field in fields(Faults)}

    def segments(self, frame: bytes) -> list[bytes]:
        """Return what goes out now for a frame, in segments."""
        if self._happens("loss"):
            return self._with_held([])
        if self._happens("corrupt"):
            at = self._chance.randrange(len(frame))
            frame = frame[:at] + bytes([frame[at] ^ self._chance.randrange(1, 256)]) + frame[at + 1 :]
        if self._held is None and self._happens("reorder"):
            self._held = frame
            return []
        sent = [frame, frame] if self._happens("duplicate") else [frame]
        if self._happens("storm"):
            sent = [frame] * STORM_FRAMES
        if self._happens("split"):
            at = self._chance.randrange(1, len(frame))
            sent[:1] = [frame[:at], frame[at:]]
        return self._with_held(sent)

    def _with_held(self, sent: list[bytes]) -> list[bytes]:
        held, self._held = self._held, None
        return sent if held is None else [*sent, held]

    def _happens(self, name: str) -> bool:
        happens = self._chance.random() < float(getattr(self._faults, name))
        self.happened[name] += happens
        return happens
