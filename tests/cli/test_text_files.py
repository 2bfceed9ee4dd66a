"""A file that cannot be read is told in words, not by the operating system's."""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.cli.text_files import text_of
from bihuan.core.errors import InputError


def test_what_is_wrong_with_a_file_is_told_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere: there is no such file; check"):
        text_of(tmp_path / "nowhere")
    with pytest.raises(InputError, match="is a folder; name one file"):
        text_of(tmp_path)
    gbk = tmp_path / "gbk.jsonl"
    gbk.write_bytes("阳泉".encode("gb18030"))
    with pytest.raises(InputError, match=r"no UTF-8 text \(byte 0xd1 at position 0\); save it as UTF-8"):
        text_of(gbk)
    gbk.write_bytes("\ufeff{}".encode())
    assert text_of(gbk) == "{}"
