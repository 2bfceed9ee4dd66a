"""Device protocols, one package each: byte streams to frames, frames to uploads, and what is answered.

    PROTOCOLS["hj212"].decode([b"##0101QN=..."])

A new protocol is a module with a `PROTOCOL` and a line here (docs/how-to/add-a-protocol.md).
"""

from bihuan.sense.protocols import gb32960, hj212
from bihuan.sense.protocols.plugin import DeviceProtocol

PROTOCOLS: dict[str, DeviceProtocol] = {protocol.name: protocol for protocol in (hj212.PROTOCOL, gb32960.PROTOCOL)}
"""By name."""
