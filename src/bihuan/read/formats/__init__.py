"""Files of any format -> one raw text with locators.

`load` recognises the format by its content and hands the bytes to the module of that format.
"""

from __future__ import annotations

from bihuan.read.formats.limits import DEFAULT_LIMITS, Limits
from bihuan.read.formats.load import load
from bihuan.read.formats.source import Source

__all__ = ["DEFAULT_LIMITS", "Limits", "Source", "load"]
