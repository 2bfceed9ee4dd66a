"""HJ 212, the protocol of pollution sources' monitors (污染物在线监控系统数据传输标准), editions 2005 and 2017."""

from bihuan.sense.protocols.hj212.crc import crc16
from bihuan.sense.protocols.hj212.encode import encode
from bihuan.sense.protocols.hj212.frames import reader
from bihuan.sense.protocols.hj212.handshake import Conversation, queued, tell_time
from bihuan.sense.protocols.hj212.recorded import decode
from bihuan.sense.protocols.plugin import DeviceProtocol

PROTOCOL = DeviceProtocol(
    name="hj212",
    title="HJ 212-2017, HJ/T 212-2005",
    port=8212,
    decode=decode,
    encode=encode,
    handshake=Conversation,
    tell_time=tell_time,
    command=queued,
    is_later_edition=lambda raw: False,  # told by Flag, of a good frame
    reader=reader,
    largest_frame=6 + 9999 + 6,
)

__all__ = ["PROTOCOL", "crc16", "decode", "encode"]
