"""A clause, and the words of time, manner and modality that stand around what it is about."""

from __future__ import annotations

import re
from typing import NamedTuple

from bihuan.read.grammar.things import until_head

TIME = (
    r"(?:20\d\d年|今年|明年|去年|当年|今冬明春|目前|当前|近期|年内|年底(?:之?前)?|年末|年中|年初|上半年|下半年|[前一二三四第]{1,2}季度|季度末|"
    r"(?:20\d\d年)?\d{1,2}月\d{1,2}日(?:之?前|起)?|\d{1,2}月(?:底|份|中旬|上旬|下旬|初|末)?(?:之?前)?|"
    r"“十[四五六]五”(?:期间|时期|末)?|期间|底前|之前|以前|前|内|底|末|国庆节?|春节|元旦|五一)"
)
_ADVERB = (
    r"(?:积极|全力|加快|加速|大力|深入|扎实|稳步|有序|着力|聚力|持续|继续|统筹|全面|高标准|高质量|高水平|高起点|高效|重点|坚决|努力|奋力|确保|力争|同步|率先|进一步|"
    r"认真|抓紧|尽快|尽早|适时|切实|不断|常态化|规范|科学|正式|成功|顺利|圆满|相继|陆续|先后|如期|按期|按时|全部|分别|已经|已|将(?!军|乐)|要(?!素|塞|道)|正在|正式|正(?!定|阳|宁|安|大)|还(?!迁|建)|也|并且|并|则|均(?!州)|都(?!江|匀|市|安|昌)|再(?!生|制造)|"
    r"新(?=[开建设增引改签登])|又|被|"
    r"包括|连续第?[一二三四五六七八九十两\d]+[年次届]|再次|可(?!克|再|燃|移|降|视|信)|必须|应(?!城|县|急|用)|需要|需|拟|计划|预计|有望|即将|我们|我市|我县|我区|(?:全市|全县|全区|全省)(?![首第唯最])|本市|市政府|各级|一体|协同|前瞻|超前|滚动|务实|强力|快速|完整|实质性|实现|基本|争取|"
    r"推动|推进|加强|依法|依托|分批|分期|精心|创新|系统|稳妥|有力|有效|首次|首批|一体化|整体|集中|牵头|配合做好|配合|联合|共同|同时|此外|另外|其中|特别是|首先|其次|一是|二是|三是|四是|五是|"
    r"支持建设|以更大力度|加大力度|加紧|年度|顺势|主动|坚持|坚定不移|千方百计|扎扎实实|多措并举|因地制宜|分类|逐步|逐级|加力|接续|深化|完成|达到|进入|得到|获得|开始|于(?!都|洪|田)|至|到|由|自(?![贡动然主行治]))"
)
_LEAD = re.compile(
    rf"(?:{TIME}|{_ADVERB}|(?:在|于|到|至){TIME}|在(?:全国|全省|全市|全球|中部地区|国内)(?:率先)?|\s|“(?=[^”]*$)|”|\d+\.|[一二三四五六七八九十]要)*"
)
_MANNER = (
    r"(?:加快|加速|早日|继续|深入|仍|积极|全力|稳步|有序|扎实|持续|全面|高标准|高质量|率先|抓紧|尽快|尽早|适时|常态化|规范|正式|成功|顺利|圆满|相继|陆续|先后|如期|按期|按时|全部|分别|已经|已|将|要|"
    r"正在|正|还|也|并且|并|则|均|都|再|又|被|可|拟|预计|有望|即将|力争|争取|确保|快速|完整|实质性|实现|基本|整体|集中|同步|首次|逐步|完成|得到|获得|进入|开始|于|至|到|由|当年|双双|提前|盛大|年度)"
)
_TRAIL = re.compile(
    rf"(?:{TIME}|{_MANNER}|的|了|等(?=$)|在(?=$)|[都均]在|(?:实现|完成)[^，、]{{0,6}}(?=$)|获(?:得)?(?:[^，、的]{{0,12}}(?:国家|国务院|省|[委部厅局])、?)+(?=$)|主体(?=$)|"
    r"[双单三四]机|通过\d+小时(?:满负荷)?|全容量|全线|首[台批期](?:机组)?|[\d一二三四两]+号机组|[、，\s])+$"
)


class Clause(NamedTuple):
    """A clause and its place in the sentence; `masked` is as long, names in quotation marks blotted out."""

    text: str
    masked: str
    start: int


def lead_end(text: str) -> int:
    """Where the time words, modals and adverbs at the head of a clause end."""
    found = _LEAD.match(text)
    return found.end() if found else 0


def bare_name(text: str) -> str:
    """Return a noun phrase without the words of time and manner around it."""
    bare = _TRAIL.sub("", text)
    if text.rstrip().endswith("、"):
        bare = until_head(bare)
    return bare.strip(" 　、，的")


_HOLDER = re.compile(
    r"[^，]{1,14}?(?:[县区市镇乡村旗州]|街道|新区|集团|公司|大学|学院|学校|医院|中心|银行|局|委|办|厅|院|企业|平台|部门|社区)(?=$|要|则|将|已|积极|加快|全力|加速|率先|重点|成功|正|[围聚依]|牵头|着力|也|再|分别|被)"
)


def is_holder(text: str) -> bool:
    """Tell whether what stands before a verb is whoever acts, or nothing but words of time and manner."""
    return not text or _HOLDER.match(text) is not None or lead_end(text) == len(text)


def holder_of(text: str) -> str:
    """The place or organisation a clause begins with, if it does."""
    text = text[lead_end(text) :]
    bare = re.sub(rf"(?:{_ADVERB}|{TIME})+$", "", text)
    found = _HOLDER.match(bare)
    return (found.group() if found else bare) if len(bare) <= 40 else ""
