"""Bytes of a text file -> text, exactly; what cannot be decided is refused with the byte it breaks at."""

from __future__ import annotations

import re

from bihuan.core.errors import FormatError

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

# Six Han characters or full-width marks in a row that are whole UTF-8: by chance, text in GB18030 or Big5 shows
# such a run about once in 10^12 bytes.
_UTF8_RUN = re.compile(rb"(?:[\x09\x0a\x0d\x20-\x7e]{0,40}(?:[\xe3-\xe9][\x80-\xbf]{2}|\xef[\xbc\xbd][\x80-\xbf])){6}")

# The characters that make up most of any Chinese official text, in both scripts.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
    "相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展"
    "五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战"
    "先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联认六共权收证改清己美再采转更单风切打白教"
    "速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究"
    "市省县城镇乡村亿项企投煤能源绿色低碳创优推升促服环境生态居增长完成实施坚持落强化"
    "這為個國時來們於會發動過說產種後學經進著電裡現實兩體機當點從業應開還義間樣與關線內數質氣變條沒結問無軍題黨員總統設頭資邊級圖"
    "較將組見計別論運農幾區強決幹戰則處隊給門規熱領東導壓爭濟階術極聯認權證採轉單風帶場車務萬達積議聲報鬥類離華確張馬節話況傳許廣記"
    "縣鎮鄉億項優長煤標專補鄭陽泉晉貫徹綜創環態畫繼續"
    "，。、；：？！“”‘’（）《》—…·　"
)


def decode(data: bytes, name: str) -> tuple[str, str]:
    """Return the text of `data` and the encoding it came in.

    A byte-order mark decides and is no part of the text; else strict UTF-8; else GB18030 or Big5, whichever
    gives more of the characters that Chinese is mostly made of. Newlines are untouched, so that an offset into the
    text counts the decoded characters of the file.

    Raises:
        FormatError: binary content, two encodings in one file, or one that cannot be told; names the byte.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding, name, len(mark)), encoding
    if b"\x00" in data:
        return _without_mark(data, name)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        return _double_byte(data, name, error.start)


def decode_as(data: bytes, encoding: str, name: str) -> str:
    """Return the text of `data` in the encoding that the file itself names.

    Raises:
        FormatError: a byte does not fit it.
    """
    return _strict(data, encoding, name, 0)


def _strict(data: bytes, encoding: str, name: str, skipped: int) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        at = error.start + skipped
        raise FormatError(
            f"the file says it is {encoding}, but byte {at} is not. Save it again as UTF-8.",
            where=name,
            key="read.encoding",
        ) from None


def _without_mark(data: bytes, name: str) -> tuple[str, str]:
    """Decode UTF-16 that has no byte-order mark; anything else with zero bytes is binary."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _try(data, encoding)
        if text is not None and "\x00" not in text and _commonness(text) > 0.5:
            return text, encoding
    at = data.index(0)
    raise FormatError(
        f"byte {at} is zero: this is binary data, not a text. Give a txt, html, docx, pdf, ofd, xlsx or xls file.",
        where=name,
        key="read.binary",
    )


def _double_byte(data: bytes, name: str, broken_at: int) -> tuple[str, str]:
    run = _UTF8_RUN.search(data)
    if run:
        raise FormatError(_mixed(data, broken_at, run.start()), where=name, key="read.mixed", byte=broken_at)
    readings = [(t, e) for e in ("gb18030", "big5", "big5hkscs", "cp950") if (t := _try(data, e)) is not None]
    if not readings:
        raise FormatError(_unknown(data, broken_at), where=name, key="read.encoding", byte=broken_at)
    text, encoding = max(readings, key=lambda reading: _commonness(reading[0]))
    if _commonness(text) < 0.25:
        raise FormatError(_unknown(data, broken_at), where=name, key="read.encoding", byte=broken_at)
    return text, "big5" if encoding != "gb18030" else encoding


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _commonness(text: str) -> float:
    """Return which share of the characters beyond ASCII (of the first 20,000) Chinese is mostly made of."""
    foreign = [c for c in text[:20_000] if c > "\x7f"]
    if not foreign:
        return 1.0 if text.isprintable() else 0.0
    return sum(c in _COMMON for c in foreign) / len(foreign)


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _mixed(data: bytes, broken_at: int, utf8_at: int) -> str:
    return (
        f"two encodings in one file, or damage: byte {broken_at} (line {_line(data, broken_at)}) is not UTF-8, while the text at "
        f"byte {utf8_at} (line {_line(data, utf8_at)}) is. Save the parts apart, or the whole again as UTF-8."
    )


def _unknown(data: bytes, broken_at: int) -> str:
    return (
        f"the encoding cannot be told: byte {broken_at} (line {_line(data, broken_at)}) is not UTF-8, and the whole is "
        "neither GB18030 nor Big5 text. Save it again as UTF-8."
    )
