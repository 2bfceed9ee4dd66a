import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.errors import FormatError
from bihuan.read.formats import load

TEXT = "一、工作回顾\r\n全市粮食总产量达到52.4万吨，同比增长3.1%。\n新建公办幼儿园12所，惠及群众。\r\n"
TRADITIONAL = "一、工作回顧\r\n全市糧食總產量達到52.4萬噸，同比增長3.1%。\n新建公辦幼兒園12所，惠及群眾。\r\n"


@pytest.mark.parametrize(
    ("text", "codec", "named"),
    [
        (TEXT, "utf-8", "utf-8"),
        (TEXT, "utf-8-sig", "utf-8"),
        (TEXT, "gb18030", "gb18030"),
        (TEXT, "gb2312", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (TRADITIONAL, "gbk", "gb18030"),
        (TEXT, "utf-16", "utf-16-le"),
        (TEXT, "utf-16-le", "utf-16-le"),
        (TEXT, "utf-16-be", "utf-16-be"),
        ("GDP 5.6% up\n", "ascii", "utf-8"),
    ],
)
def test_decodes_exactly_with_newlines_untouched(text: str, codec: str, named: str) -> None:
    source = load(text.encode(codec), "report.txt")
    assert (source.text, source.encoding, source.media_type) == (text, named, "text/plain")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1))
def test_any_utf8_text_comes_back_character_for_character(text: str) -> None:
    prefix = "报告："
    assert load((prefix + text).encode(), "a.txt").text == prefix + text


def test_identity_is_that_of_the_bytes() -> None:
    import hashlib

    data = TEXT.encode("gb18030")
    source = load(data, "a.txt")
    assert source.sha256 == hashlib.sha256(data).hexdigest()
    assert source.size_bytes == len(data)


@pytest.mark.parametrize("codecs", [("utf-8", "gb18030"), ("gb18030", "utf-8"), ("utf-8", "big5")])
def test_two_encodings_in_one_file_are_refused_with_the_byte(codecs: tuple[str, str]) -> None:
    parts = [TEXT.encode("utf-8") if codec == "utf-8" else TRADITIONAL.encode(codec, "ignore") for codec in codecs]
    with pytest.raises(
        FormatError, match=r"mixed\.txt: two encodings in one file, or damage: byte \d+ \(line \d+\)"
    ) as caught:
        load(b"".join(parts), "mixed.txt")
    broken = caught.value.values["byte"]
    boundary = len(parts[0])
    assert broken >= boundary if codecs[0] == "utf-8" else broken < boundary


def test_a_byte_lost_inside_utf8_is_named() -> None:
    data = TEXT.encode()
    with pytest.raises(FormatError, match="byte 23"):
        load(data[:25] + b"\xff" + data[26:], "torn.txt")


def test_bytes_that_no_encoding_fits_are_refused() -> None:
    with pytest.raises(FormatError, match="encoding cannot be told"):
        load(b"\xff\xff\x80\x80 abc \x81", "noise.txt")


def test_a_lying_byte_order_mark_is_named() -> None:
    with pytest.raises(FormatError, match="says it is utf-8, but byte 3"):
        load(b"\xef\xbb\xbf\xff\xff", "bom.txt")
