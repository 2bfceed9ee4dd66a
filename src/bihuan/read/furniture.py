"""What of a page is not the article: banners, captions, editor's lines, link lists, other articles' teasers.

The signals are general: what such a line says, where it stands (before the text, behind the end mark), how lines
follow one another, whether paragraphs are cut off, and whether they speak of the document's city or of other places.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bihuan.read.headings import numbered
from bihuan.read.lines import Line
from bihuan.read.places import names_city, names_other_place

_NOTHING = re.compile(r"[^\w\u3400-\u9fff]*$")
_FILE = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|bmp|mp4|pdf|docx?|xlsx?)$", re.IGNORECASE)
_LABEL = re.compile(
    r"点击(?:查阅|查看|进入|阅读|下载|播放|上方|关注)|[上下]一[篇条页]|【?(?:打印|关闭|收藏|纠错|登录|注册|无障碍)(?:本页|窗口|浏览)?】?$"
    r"|分享(?:到|至|$)|【?字[号体]\s*[:：]|扫一扫|扫码(?:关注|阅读|下载)|长按|(?:您|你)?(?:的)?(?:当前|现在)?(?:的)?位置\s*[:：]"
    r"|(?:网站)?首页|返回(?:首页|列表|上一[页级]|$)|顶部$"
    r"|[(（【]?(?:图|图片|资料图|图源|摄影|视频|音频|题图)(?:片)?(?:来源|说明|为|/|[:：])|[▲△]"
    r"|(?:浏览|阅读|点击|访问)(?:次数|量|数)?\s*[:：]|编者按\s*[:：]?$|附件\s*[:：\d]|(?:更多|查看)(?:精彩|内容|详情|>)"
    r"|欢迎(?:来访|访问|光临)|手机(?:网站|版)|设为首页|加入收藏|当前时间"
)
_TRAIL = re.compile(r"(?:[^>»，。]{1,12}\s*[>»]\s*){2,}")
_END = re.compile(
    r"[\[【(（]?\s*(?:责任编辑|责编|编辑|校对|审核|初审|复审|终审|监制|值班主任|网络编辑|本文编辑)\s*[:：/丨|]"
    r"|(?:版权|免责|郑重|特别|转载)声明|凡(?:本网|本站|注明|来源)|声明\s*[:：]|转载请注明|本文(?:来源|链接|网址)"
    r"|【?(?:相关|推荐|延伸|热门|精彩|更多|最新|大家都在看|猜你喜欢)(?:阅读|链接|新闻|推荐|文章|内容|资讯|报道|稿件|专题)?】?[:：>]*$"
    r"|(?:返回|回到)\s*顶部$|Copyright|©|版权所有|(?:主办|承办)(?:单位)?\s*[:：]|网站(?:标识码|地图|简介)"
    r"|.{0,20}ICP备|.{0,12}公网安备|联系我们|关于我们|友情链接"
)
_REPORTER = re.compile(
    r"[(（]?\s*(?:(?:本报|本网|全媒体|融媒体|见习)?(?:记者|通讯员)\s*[:：/|丨]?|(?:作者|来源|供稿|文|图|融媒体)\s*[:：/|丨])"
    r"\s*[^，。？！,?!:：、；]{2,20}[)）]?$"
)
_ROW = re.compile(r"(?:\t| \| ?).*\d|\d.*(?:\t| \| )")
"""A row of a table, which is no list of links however short."""
_PARAGRAPH_CHARS = 50
_LINK_CHARS = 70
_LABEL_CHARS = 80
_MANY_LINKS = 4
_CLOSED = ("。", "。”", "。）", "。)", "；", ";", "！", "!", "？", "?", "：", ":", "……", "”")


def furniture(lines: Sequence[Line], city: str | None) -> list[bool]:
    """Tell of each line whether it is noise.

    Args:
        lines: all lines of the text.
        city: the city it is about, as far as known; tells its own paragraphs from other articles'.
    """
    noise = [_is_label(line.text) for line in lines]
    first = next((i for i, line in enumerate(lines) if not noise[i] and _is_paragraph(line.text)), None)
    if first is None:
        return noise
    end = _end_mark(lines, first, city)
    end = _before_foreign(lines, first, end, city)
    end = _before_links(lines, first, end)
    return noise[:end] + [True] * (len(lines) - end)


def _is_label(text: str) -> bool:
    if _NOTHING.match(text) or _FILE.match(text) or _REPORTER.match(text):
        return True
    return len(text) <= _LABEL_CHARS and bool(_LABEL.match(text) or _END.match(text) or _TRAIL.match(text))


def _is_paragraph(text: str) -> bool:
    return len(text) > _PARAGRAPH_CHARS or text.endswith(("。", "。”", "；"))


def _is_link(text: str) -> bool:
    """A line like a title: short, not closed, no row of figures, not a numbered heading of the text itself."""
    if _ROW.search(text):
        return False
    return len(text) <= _LINK_CHARS and not text.endswith(("。", "。”", "；", ";")) and numbered(text) is None


def _is_cut_off(text: str) -> bool:
    return len(text) > _PARAGRAPH_CHARS and not text.endswith((*_CLOSED, ")", "）"))


def _end_mark(lines: Sequence[Line], first: int, city: str | None) -> int:
    """Return where the first end mark stands behind the first paragraph (责任编辑, 版权声明, 相关阅读)."""
    for i in range(first + 1, len(lines)):
        if _END.match(lines[i].text) and not _goes_on(lines[i + 1 :], city):
            return i
    return len(lines)


def _goes_on(rest: Sequence[Line], city: str | None) -> bool:
    """Tell whether most of what stands behind an end mark still speaks of the document's city."""
    paragraphs = [line.text for line in rest if _is_paragraph(line.text)]
    own = sum(names_city(text, city) for text in paragraphs)
    return len(paragraphs) > 2 and 2 * own > len(paragraphs)


def _before_foreign(lines: Sequence[Line], first: int, end: int, city: str | None) -> int:
    """Move `end` up over other articles: a title and its paragraphs each, none speaking of the city.

    The run of them closes the page. It is taken for foreign where it holds two teasers at least, and half of them are
    cut off or name another place.
    """
    title = end
    blocks = foreign = 0
    at = end
    while at > first + 1:
        begin = _block_before(lines, first, at)
        block = [line.text for line in lines[begin:at]]
        if begin == at or any(names_city(text, city) for text in block):
            break
        at = begin
        blocks += 1
        foreign += any(map(_is_cut_off, block)) or any(names_other_place(text[:60], city) for text in block)
        if 2 * foreign >= blocks and blocks > 1:
            title = at
    return title


def _block_before(lines: Sequence[Line], first: int, at: int) -> int:
    """Return where the block ending at `at` begins: a title-like line with the paragraphs below it; `at` if none."""
    i = at - 1
    while i > first and _is_paragraph(lines[i].text) and not _is_link(lines[i].text):
        i -= 1
    return i if at - 1 > i > first and _is_link(lines[i].text) else at


def _before_links(lines: Sequence[Line], first: int, end: int) -> int:
    """Move `end` up over a list of links that closes the article, the line that leads in to it included."""
    at = end
    links = 0
    while at - 1 > first and (_is_link(lines[at - 1].text) or _is_label(lines[at - 1].text)):
        at -= 1
        links += not _is_label(lines[at].text)
    return at if links >= _MANY_LINKS else end
