"""Traditional characters into simplified ones, one for one.

OpenCC (configuration t2s) does the work, and repairs the wrong choices of naive converters too (方麵, 修複, 承諾製).
What it cannot know is whether 著 stands for 着 (隨著, 著力) or for itself (顯著, 著作): see `_particle`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from opencc import OpenCC

# Characters of the simplified set that OpenCC takes for traditional ones. Alone they prove nothing: 乾隆, 象徵, 昇腾.
_EITHER = frozenset("乾徵於夥麽後菸摺吒榘袷麴醣拚捱薹坏昇陞邨脩鉅甦祕氾逕劄")
# Never another character's traditional form in the texts at hand, though OpenCC's phrases may rewrite them.
_KEPT = re.compile("[拚捱薹坏]|昇(?=腾|騰|思)")


def simplified(text: str) -> str:
    """Return `text` in simplified characters, as long as it came, offsets unchanged.

    A text without a single unmistakably traditional character is simplified already and comes back as it is, but for
    著 where it can only be the particle.
    """
    converted = _converted(text)
    traditional = converted != text and any(
        old != new and old not in _EITHER for old, new in zip(text, converted, strict=True)
    )
    result = _with_kept(converted, text) if traditional else text
    if "著" not in result:
        return result
    return _particles(result, everywhere=traditional and "着" not in text)


def _converted(text: str) -> str:
    converted = _opencc().convert(text)
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
    r"|(?<![随沿有味接朝向本])著[名作称述录译]|著书立说|著者|著作"
    r"|(?<=[^随沿附执])著于|著有(?=[《“多专等诗论长])|(?<![看读着按照])著《"
    r"|》[^。；;\n]{0,15}著(?=[，。；,;、）)\s]|$)"
)
# 著 that can only be the particle 着, whatever else the text holds.
_PARTICLE = re.compile(
    r"著(?=[力眼手重实陆落想急])"
    r"|(?<=[随沿味接朝向本借凭顺绕执沉附胶志临])著"
    r"|(?<=[有])著(?!名|作|述|书|称)"
)


def _particles(text: str, *, everywhere: bool) -> str:
    """Turn 著 into 着 where it is the particle.

    Args:
        text: simplified text.
        everywhere: the text knows no 着 of its own and was traditional, so that every 著 that is not a word of its own
            is a particle; else only those that cannot be anything else.
    """
    own = {match.start() + match[0].rindex("著") for match in _ITSELF.finditer(text)}
    pattern = re.compile("著") if everywhere else _PARTICLE
    return pattern.sub(lambda match: "著" if match.start() in own else "着", text)
