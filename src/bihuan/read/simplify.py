"""Traditional characters into simplified ones, one for one.

OpenCC (configuration t2s) does the work, and repairs the wrong choices of naive converters too (方麵, 修複, 承諾製).
What it cannot know is whether 著 stands for 着 (隨著, 著力) or for itself (顯著, 著作): see `_particles`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import ne

from opencc import OpenCC

# Characters of the simplified set that OpenCC takes for traditional ones. Alone they prove nothing: 乾隆, 象徵, 昇腾.
_EITHER = frozenset("乾徵於夥麽菸摺吒榘袷麴醣拚捱薹坏昇陞邨脩鉅甦祕氾逕劄谘")
_FEW = 200
"""A text with less than one unmistakably traditional character in so many is simplified, with a few strays."""

# Never another character's traditional form in the texts at hand, though OpenCC's phrases may rewrite them.
_KEPT = re.compile("[拚薹坏]|昇(?=腾|騰|思)")

# What OpenCC leaves standing because it may be a word of its own, and what it stands for everywhere but in those
# words: 实现瞭 -> 实现了, but 瞭望. Some rest on a name OpenCC finds across words (不再限於單个, 免徵調整, 主乾道).
_STANDS_FOR = dict(
    zip("瞭藉祇於揹伕薰簷痺暱牠乾徵像座", "了借只于背夫熏檐痹昵它干征象坐", strict=True),
)
_LEFT = re.compile(
    "瞭(?![望哨])|(?<![慰狼枕蕴凭藉])藉(?!藉)|(?<![神地])祇|(?<!樊)於(?![潜菟陵])|[揹伕簷痺暱牠]|薰(?![衣风香])"
    "|(?<=主)乾(?=道)|(?<=新)乾(?=县)|徵(?=调)|(?<=想)像|座(?=标)"
)


def simplified(text: str) -> str:
    """Return `text` in simplified characters, as long as it came, offsets unchanged.

    In a text with few unmistakably traditional characters, or none, only these are turned, and 著 where it can only
    be the particle.
    """
    converted = _converted(text)
    if converted == text:
        return _particles(text, everywhere=False)
    strays = [old if old in _EITHER else new for old, new in zip(text, converted, strict=True)]
    if sum(map(ne, text, strays)) * _FEW < len(text):
        return _particles("".join(strays), everywhere=False)
    converted = _LEFT.sub(lambda match: _STANDS_FOR[match[0]], _with_kept(converted, text))
    return _particles(converted, everywhere=True)


def simple_forms(character: str) -> set[str]:
    """Return a character's simplified forms, itself included: 樸 -> 樸, 朴; 瞭 -> 瞭, 了."""
    return {character, _STANDS_FOR.get(character, character), _converted(character)}


# Forms of Hong Kong's and old typefaces that t2s does not know; none of them is a simplified character.
_VARIANTS = str.maketrans(
    "衞敍髙徳淸靑尙敎絶緖鄕歳頽幷呉戯恊槪眞総虛郞飮縂戱",
    "卫叙高德清青尚教绝绪乡岁颓并吴戏协概真总虚郎饮总戏",
)


def _converted(text: str) -> str:
    converted: str = _opencc().convert(text).translate(_VARIANTS)
    if len(converted) == len(text):
        return converted
    # OpenCC 1.4 has no rule that changes the length; should a later one, offsets matter more than its phrases.
    singles = (_opencc().convert(character) for character in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, singles, strict=True))


@lru_cache(maxsize=1)
def _opencc() -> OpenCC:
    return OpenCC("t2s")


def _with_kept(converted: str, text: str) -> str:
    characters: list[str] | None = None
    for match in _KEPT.finditer(text):
        characters = characters or list(converted)
        characters[match.start()] = match[0]
    return "".join(characters) if characters else converted


# 著 that stands for itself: the word it closes or opens. What is listed after (?<! takes a longer word out again.
_ITSELF = re.compile(
    r"(?<![彰凸突尽浮])显著|(?<![议讨争谈辩评])论著|(?<!翻)译著|大著(?![胆嗓声])"
    r"|[名专巨编合原遗拙卓昭土较撰新旧渐愈夙素弥]著|所著(?=[《“的])|微知著"
    r"|(?<![随沿])著[名作称述录译]|著书(?=[立、，。])|著者|著作"
    r"|(?<=[^随沿附执])著于|著有(?=[《“多专等诗论长])|知著|[文音]著协"
    r"|》[^。；;\n]{0,15}著(?=[，。；,;、）)\s]|$)"
)
# 著 that can only be the particle 着, whatever else the text holds.
_PARTICLE = re.compile(
    r"著(?=[力眼手重实陆落想急])"
    r"|(?<=[随沿味接朝向本借凭顺绕沉附胶志临])著"
    r"|(?<=[有])著(?!名|作|述|书|称)"
)


def _particles(text: str, *, everywhere: bool) -> str:
    """Turn 著 into 着 where it is the particle.

    Args:
        text: simplified text.
        everywhere: the text was traditional, so that every 著 that is not a word of its own is a particle; else only
            those that cannot be anything else.
    """
    if "著" not in text:
        return text
    own = {match.start() + match[0].rindex("著") for match in _ITSELF.finditer(text)}
    pattern = re.compile("著") if everywhere else _PARTICLE
    return pattern.sub(lambda match: "著" if match.start() in own else "着", text)
