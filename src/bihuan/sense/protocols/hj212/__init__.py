"""HJ 212, the protocol of pollution sources' monitors (污染物在线监控系统数据传输标准), editions 2005 and 2017."""

from bihuan.sense.protocols.hj212.crc import crc16
from bihuan.sense.protocols.hj212.recorded import decode

__all__ = ["crc16", "decode"]
