"""GB/T 32960.3-2016, the protocol of electric vehicles (电动汽车远程服务与管理系统技术规范 第3部分)."""

from bihuan.sense.protocols.gb32960.encode import encode
from bihuan.sense.protocols.gb32960.frames import START_OF_2025, check_byte, decode, reader
from bihuan.sense.protocols.gb32960.handshake import Conversation, no_command, tell_time
from bihuan.sense.protocols.plugin import DeviceProtocol

PROTOCOL = DeviceProtocol(
    name="gb32960",
    title="GB/T 32960.3-2016",
    port=8960,
    decode=decode,
    encode=encode,
    handshake=Conversation,
    tell_time=tell_time,
    command=no_command,
    is_later_edition=lambda raw: raw.startswith(START_OF_2025),
    reader=reader,
    largest_frame=25 + 65_535,
)

__all__ = ["PROTOCOL", "check_byte", "decode", "encode"]
