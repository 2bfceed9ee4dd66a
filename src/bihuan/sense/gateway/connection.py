"""One device's connection: bytes in, frames judged, answers out after the commit."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from bihuan.core.records.entity import Registered
from bihuan.sense.gateway.intake import incoming
from bihuan.sense.protocols.plugin import Step
from bihuan.sense.protocols.stream import Refused

if TYPE_CHECKING:
    from bihuan.sense.gateway.gate import Gate

logger = logging.getLogger(__name__)


class Connection(asyncio.Protocol):
    """What the event loop calls with a connection's bytes."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._reader = gate.protocol.reader()
        self._conversation = gate.protocol.handshake()
        self._transport: asyncio.Transport | None = None
        self._peer = ""
        self._refused_in_a_row = 0
        self._quarantined = 0
        self._unanswered = 0
        self._paused = False
        self._stray_bytes = 0
        self._held_since: float | None = None
        self._trusted: set[str] = set()
        self.opened = self.heard = self.frame_begun = gate.loop_time()
        self.had_good_frame = False

    # -- called by the event loop ----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take up the connection, or turn it away when there are too many."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._peer = f"{peer[0]}:{peer[1]}" if peer else ""
        if not self._gate.admit(self):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; what it sent and was not answered is kept all the same."""
        self._gate.leave(self)
        self._gate.part(self._trusted, self)
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Read frames out of the bytes and act on each."""
        if self._held_since is not None:
            return
        held_before = self._reader.held_bytes
        self.heard = self._gate.loop_time()
        frames = self._reader.feed_with_bytes(data, self._gate.limits.refusals)
        if frames or not held_before:
            self.frame_begun = self.heard
        self._stray_bytes += len(data)
        for frame, raw in frames:
            if self._held_since is not None or self._transport is None or self._transport.is_closing():
                return
            self._receive(frame, raw)
        if self._stray_bytes > self._gate.limits.stray_bytes:
            self.hold("bytes without a frame")
        if self._unanswered > self._gate.limits.unanswered or not self._gate.commit.ready.is_set():
            self._pause()

    # -- what a frame leads to -------------------------------------------------------------------------------------

    def _receive(self, frame: Any, raw: bytes) -> None:
        gate = self._gate
        if isinstance(frame, Refused):
            self._refuse(frame, raw)
            return
        self._refused_in_a_row = self._stray_bytes = 0
        gate.counts.frames += 1
        step = self._conversation.receive(frame, raw)
        device = gate.registry.get(step.device)
        reason = self._why_not(step, device)
        if device is not None and step.unsupported and device.edition and not reason:
            step = self._conversation.receive(frame, raw, edition=device.edition)
        reason = reason or step.unsupported
        if device is None or step.device is None or reason is not None:
            self._quarantine(step, reason or "unknown_device", raw)
            return
        self.had_good_frame = True
        self._obey(device, step.device, step, frame, raw)

    def _why_not(self, step: Step, device: Registered | None) -> str | None:
        """Why a frame is not obeyed, None where it is."""
        if device is None or step.device is None:
            return "unknown_device"
        if step.device not in self._trusted:
            if not self._gate.registry.is_secret(device, step.secret):
                return "wrong_secret"
            self._trusted.add(step.device)
            self._gate.met(step.device, self)
        if step.upload is not None and not self._gate.is_plausible(step.upload.time):
            return "impossible_time"
        return None

    def _obey(self, device: Registered, name: str, step: Step, frame: Any, raw: bytes) -> None:
        gate = self._gate
        if step.result is not None:
            gate.note_result(name, step.result)
        answer = step.answer
        if step.facts.get("asks_time"):
            answer = gate.protocol.tell_time(frame, raw, gate.clock())
        if step.upload is None:
            gate.note_seen(device.number)
            self.send(answer)
            return
        message = incoming(device, step.upload, raw, gate.registry, gate.judge, gate.clock())
        self._unanswered += 1
        gate.commit.put(message, lambda kept: self._kept(kept, answer, step.refusal))

    def _kept(self, kept: bool, answer: bytes, refusal: bytes) -> None:
        """After the commit: now, and only now, the device may know."""
        self._unanswered -= 1
        self.send(answer if kept else refusal)
        if self._paused and self._unanswered <= self._gate.limits.unanswered // 2 and self._gate.commit.ready.is_set():
            self.resume()

    def send(self, data: bytes) -> None:
        """Say something, if the device is still there to hear it."""
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    # -- what is not obeyed ----------------------------------------------------------------------------------------

    def _refuse(self, refused: Refused, raw: bytes) -> None:
        self._refused_in_a_row += 1
        self._gate.counts.refused += 1
        code = "unsupported_edition" if self._gate.protocol.is_later_edition(raw) else refused.code
        self._keep_aside(None, code, raw)
        if self._refused_in_a_row >= self._gate.limits.refusals:
            self.hold("too many refused frames")

    def _quarantine(self, step: Step, reason: str, raw: bytes) -> None:
        self._gate.counts.quarantined += 1
        self._keep_aside(step.device, reason, raw)
        if reason != "impossible_time" and reason != "unsupported_edition":
            self.send(step.refusal)
        if self._quarantined > self._gate.limits.quarantine_a_connection:
            self.hold(f"quarantined: {reason}")

    def _keep_aside(self, device: str | None, reason: str, raw: bytes) -> None:
        self._quarantined += 1
        self._gate.keep_aside(device, self._peer, reason, raw)

    # -- flow ------------------------------------------------------------------------------------------------------

    def why_close(self, now: float) -> str | None:
        """Why this connection should go, None where it may stay."""
        limits = self._gate.limits
        if self._held_since is not None:
            return "held long enough" if now - self._held_since > limits.held_seconds else None
        if self._paused:
            return None  # it is we who do not read
        if not self.had_good_frame and now - self.opened > limits.first_frame_seconds:
            return "no good frame"
        if self._reader.held_bytes and now - self.frame_begun > limits.frame_seconds:
            return "a frame that does not end"
        return "silent" if now - self.heard > limits.idle_seconds else None

    def hold(self, reason: str) -> None:
        """Read no more, and end the connection after a while: one that is cut off at once only comes back at once."""
        if self._held_since is not None or self._transport is None or self._transport.is_closing():
            return
        if not self._gate.may_hold():
            self.close(reason)
            return
        logger.info("connection held peer=%s reason=%s", self._peer, reason)
        self._held_since = self._gate.loop_time()
        self._transport.pause_reading()

    @property
    def is_held(self) -> bool:
        """Return whether it is read no more."""
        return self._held_since is not None

    def close(self, reason: str) -> None:
        """End the connection."""
        if self._transport is not None and not self._transport.is_closing():
            logger.info("connection closed peer=%s reason=%s", self._peer, reason)
            self._transport.close()

    def _pause(self) -> None:
        if self._paused or self._held_since is not None:
            return
        if self._transport is not None and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()
            self._gate.paused.add(self)

    def resume(self) -> None:
        """Read again."""
        alive = self._transport is not None and not self._transport.is_closing()
        if self._paused and alive and self._held_since is None and self._transport is not None:
            self._transport.resume_reading()
        self._paused = False
        self._gate.paused.discard(self)
