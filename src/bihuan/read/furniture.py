"""What of a page is not the article: banners, captions, editor's lines, link lists, other articles' teasers.

The signals are general: what such a line says, where it stands (before the title, behind the end mark), how lines
follow one another, whether a paragraph is cut off, and whether it speaks of the document's city.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bihuan.read.lines import Line
from bihuan.read.places import names_city

_NOTHING = re.compile(r"[^\w\u3400-\u9fff]*$")
_FILE = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|bmp|mp4|pdf|docx?|xlsx?)$", re.IGNORECASE)
_LABEL = re.compile(
    r"点击(?:查阅|查看|进入|阅读|下载|播放|上方|关注)|(?:上|下)一[篇条]|打印(?:本页)?$|【?(?:打印|关闭|收藏)|分享(?:到|至|$)"
    r"|【?字[号体]|扫一扫|扫码|长按|(?:您|你)?(?:的)?(?:当前|现在)?(?:的)?位置[:：]|首页|网站首页|返回|顶部$|回到顶部"
    r"|[(（【]?(?:图|图片|资料图|图源|摄影|视频|音频|题图)(?:片)?(?:来源|说明|为|/|[:：])|▲|△"
    r"|(?:浏览|阅读|点击|访问)(?:次数|量|数)?[:：]|编者按[:：]?$|附件[:：\d]|(?:更多|查看)(?:精彩|内容|详情|>)"
)
_END = re.compile(
    r"[\[【(（]?\s*(?:责任编辑|责编|编辑|校对|审核|初审|复审|终审|监制|值班主任|网络编辑|本文编辑)\s*[:：/丨|]"
    r"|(?:版权|免责|郑重|特别|转载)声明|凡(?:本网|本站|注明|来源)|声明[:：]"
    r"|【?(?:相关|推荐|延伸|热门|精彩|更多|最新|猜你喜欢)(?:阅读|链接|新闻|推荐|文章|内容|资讯|报道|稿件|专题)?】?[:：>]*$"
    r"|返回\s*(?:顶部|首页|列表)?$|Copyright|©|版权所有|主办(?:单位)?[:：]|承办(?:单位)?[:：]|网站标识码"
    r"|.{0,20}ICP备|.{0,12}公网安备|联系我们|关于我们|网站地图|友情链接"
)
_REPORTER = re.compile(
    r"[(（]?\s*(?:本报|本网)?\s*(?:全媒体)?(?:记者|通讯员|作者|文|来源|供稿)\s*[:：/]?\s*[^，。？！,?!:：]{2,16}[)）]?$"
)
_LINK_CHARS = 70
_MANY = 4
"""So many link-like lines on end are a list of links."""
_CUT_CHARS = 50


def furniture(lines: Sequence[Line], city: str | None) -> list[bool]:
    """Tell of each line whether it is noise."""
    noise = [_is_label(line.text) for line in lines]
    bodies = [i for i, line in enumerate(lines) if not noise[i] and _is_paragraph(line.text)]
    if not bodies:
        return noise
    end = _end_of_article(lines, bodies[0], city)
    for i in range(end, len(lines)):
        noise[i] = True
    return noise


def _is_label(text: str) -> bool:
    return bool(
        _NOTHING.match(text)
        or _FILE.match(text)
        or (len(text) <= 80 and (_LABEL.match(text) or _END.match(text)))
        or _REPORTER.match(text)
    )


def _is_paragraph(text: str) -> bool:
    return len(text) > _CUT_CHARS or text.endswith(("。", "。”", "！", "!", "；"))


def _is_link(text: str) -> bool:
    return len(text) <= _LINK_CHARS and not text.endswith(("。", "。”", "；", ";", "："))


def _is_cut_off(text: str) -> bool:
    return len(text) > _CUT_CHARS and text[-1] not in "。！？!?；;：:”）)…"


def _end_of_article(lines: Sequence[Line], first: int, city: str | None) -> int:
    """Return the index of the first line behind the article: the end mark's, or that of the first foreign one."""
    end = len(lines)
    for i in range(first + 1, len(lines)):
        if _END.match(lines[i].text) and not _goes_on(lines[i + 1 :], city):
            end = i
            break
    end = _before_teasers(lines, first, end, city)
    return _before_links(lines, first, end)


def _goes_on(rest: Sequence[Line], city: str | None) -> bool:
    """Tell whether most long paragraphs behind an end mark still speak of the document's city."""
    paragraphs = [line.text for line in rest if _is_paragraph(line.text)]
    own = sum(names_city(text, city) for text in paragraphs)
    return len(paragraphs) > 2 and 2 * own > len(paragraphs)


def _before_teasers(lines: Sequence[Line], first: int, end: int, city: str | None) -> int:
    """Move `end` up over paragraphs that are cut off or foreign, as far as none speaks of the city."""
    cut = 0
    at = end
    for i in range(end - 1, first, -1):
        text = lines[i].text
        if names_city(text, city):
            break
        if _is_cut_off(text):
            cut += 1
            at = i
    if cut < 2:
        return end
    while at - 1 > first and _is_link(lines[at - 1].text) and not names_city(lines[at - 1].text, city):
        at -= 1
    return at


def _before_links(lines: Sequence[Line], first: int, end: int) -> int:
    """Move `end` up over a list of links that closes the article, its heading (`……报道:`) included."""
    at = end
    links = 0
    while at - 1 > first and (_is_link(lines[at - 1].text) or _is_label(lines[at - 1].text)):
        at -= 1
        links += not _is_label(lines[at].text)
    if links < _MANY:
        return end
    if at - 1 > first and len(lines[at - 1].text) <= _LINK_CHARS and lines[at - 1].text.endswith(("：", ":")):
        at -= 1
    return at
