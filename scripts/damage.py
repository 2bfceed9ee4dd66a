"""Damage a clean simplified text the way copying sites do, to try `restore` on texts whose truth is known.

    python scripts/damage.py clean.txt > damaged.txt
    python scripts/damage.py --seed 7 --characters naive --readings plain --share 0.1 --doubled 0.01 clean.txt

What real copies show, and the option that imitates it:

    --characters  how simplified characters became traditional ones
        phrases   by a careful converter (OpenCC s2t)
        taiwan    the same with Taiwan's forms (OpenCC s2tw; every 着 becomes 著)
        naive     character by character, always one form: 方面 -> 方麵, 修复 -> 修複
        wild      character by character, any form the character may have, drawn anew each time
        partial   as naive, but characters that are traditional ones too stay (后, 云, 里, 台)
        none      not at all
    --readings    how a pronunciation stands behind a character: `動(dòng)` marked, `產(chan) ` plain (a space follows),
        wide `動（dòng）`, bare `動(dong)`, none
    --share       of the characters changed, how many carry a reading
    --doubled     how many of the marks ，。；： stand twice

The same text, options and seed give the same damage.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from functools import cache
from pathlib import Path

from opencc import OpenCC
from pypinyin import Style, pinyin

CHARACTERS = ("phrases", "taiwan", "naive", "wild", "partial", "none")
READINGS = {"marked": "({})", "plain": "({}) ", "wide": "（{}）", "bare": "({})", "none": ""}

# Simplified characters that stand for more than one traditional one. First the form a converter takes that knows no
# words, then the others; 着 stands here for what Taiwan's fonts make of it.
SEVERAL = {
    "发": "發髮", "后": "後后", "里": "裡裏里", "面": "麵面", "复": "複復", "制": "製制", "系": "係繫系",
    "台": "臺台颱檯", "布": "佈布", "只": "隻祇只", "斗": "鬥斗", "余": "餘余", "征": "徵征", "松": "鬆松",
    "杆": "桿杆", "折": "摺折", "谷": "穀谷", "郁": "鬱郁", "愿": "願", "云": "雲云", "致": "緻致", "周": "週周",
    "朱": "硃朱", "准": "準准", "冲": "衝沖", "丑": "醜丑", "出": "齣出", "淀": "澱淀", "范": "範范", "丰": "豐丰",
    "干": "乾幹干", "柜": "櫃", "胡": "鬍胡", "回": "迴回", "伙": "夥伙", "家": "傢家", "姜": "薑姜", "借": "藉借",
    "卷": "捲卷", "克": "剋克", "困": "睏困", "历": "歷曆", "了": "瞭了", "弥": "彌瀰", "纤": "纖縴",
    "签": "簽籤", "千": "韆千", "秋": "鞦秋", "曲": "麯曲", "舍": "捨舍", "沈": "瀋沈", "胜": "勝", "术": "術",
    "叹": "嘆歎", "万": "萬", "种": "種", "钟": "鐘鍾", "筑": "築筑", "庄": "莊", "着": "著着", "于": "於于",
    "占": "佔占", "游": "遊游", "志": "誌志", "采": "採采", "表": "錶表", "板": "闆板", "才": "纔才", "尽": "盡儘",
    "注": "註注", "当": "當噹", "党": "黨", "获": "獲穫", "汇": "匯彙", "脏": "髒臟", "坛": "壇罈", "团": "團糰",
    "向": "嚮向", "药": "藥", "叶": "葉", "证": "證", "岳": "嶽岳", "扎": "紮扎", "暗": "闇暗", "升": "升昇陞",
    "吁": "籲吁", "须": "須鬚", "仆": "僕仆", "苹": "蘋苹", "御": "禦御", "么": "麼么", "并": "並併并",
    "凶": "兇凶", "吊": "弔吊", "梁": "樑梁", "咨": "諮咨", "群": "羣群", "峰": "峯峰", "线": "線綫", "厂": "廠",
    "广": "廣", "几": "幾几", "电": "電", "价": "價", "仑": "侖崙", "划": "劃划", "杰": "傑杰", "宁": "寧",
    "洒": "灑", "腊": "臘", "累": "纍累", "帘": "簾", "霉": "黴霉", "蒙": "濛矇蒙", "辟": "闢辟", "凭": "憑",
    "确": "確", "托": "託托", "欲": "慾欲", "恶": "惡噁", "佣": "傭佣", "岩": "巖岩", "炉": "爐",
}  # fmt: skip


def damage(text: str, *, characters: str, readings: str, share: float, doubled: float, seed: int) -> str:
    """Return `text` as a copying site would show it; see the module for the options."""
    chance = random.Random(seed)  # noqa: S311 -- made to be repeated, not to be secret
    old = _traditional(text, characters, chance)
    pieces = []
    for i, (before, after) in enumerate(zip(text, old, strict=True)):
        pieces.append(after)
        if before in "，。；：" and chance.random() < doubled:
            pieces.append(after)
        if readings != "none" and before != after and chance.random() < share:
            pieces.append(READINGS[readings].format(_reading(text, i, marked=readings in ("marked", "wide"))))
    return "".join(pieces)


def _traditional(text: str, characters: str, chance: random.Random) -> str:
    if characters == "none":
        return text
    if characters in ("phrases", "taiwan"):
        return _opencc("s2t" if characters == "phrases" else "s2tw").convert(text)
    return "".join(_forms(character, characters, chance) for character in text)


def _forms(character: str, characters: str, chance: random.Random) -> str:
    forms = SEVERAL.get(character) or _single(character)
    if characters == "wild":
        return chance.choice(forms)
    if characters == "partial" and character in forms:
        return character
    return forms[0]


@cache
def _single(character: str) -> str:
    return _opencc("s2t").convert(character)


@cache
def _opencc(configuration: str) -> OpenCC:
    return OpenCC(configuration)


def _reading(text: str, at: int, *, marked: bool) -> str:
    """Return the reading of one character in its word, with tone marks or without."""
    word = re.compile(r"[\u4e00-\u9fff]{1,4}").match(text, max(0, at - 1))
    style = Style.TONE if marked else Style.NORMAL
    if word is None or not word.start() <= at < word.end():
        return pinyin(text[at], style=style)[0][0]
    return pinyin(word[0], style=style)[at - word.start()][0]


def main() -> None:
    """Read a text, print it damaged."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--characters", choices=CHARACTERS, default="naive")
    parser.add_argument("--readings", choices=READINGS, default="plain")
    parser.add_argument("--share", type=float, default=0.15)
    parser.add_argument("--doubled", type=float, default=0.01)
    options = vars(parser.parse_args())
    text = options.pop("file").read_bytes().decode("utf-8")
    sys.stdout.reconfigure(newline="")
    sys.stdout.write(damage(text, **options))


if __name__ == "__main__":
    main()
