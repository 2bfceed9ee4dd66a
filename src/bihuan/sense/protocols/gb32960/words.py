"""What the attributes of a vehicle, and the words that some of them come as, are called in Chinese and English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

_NUMBERED = re.compile(r"(motor|battery)_(\d+|None)_")
"""A part by its number, which a vehicle may not know (`None`)."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a frame tells, as people call it."""

    id: str
    """Attribute or value: `soc_percent`, `parked_charging`."""
    name: str
    """By GB/T 32960.3-2016, shortened."""
    english: str


@lru_cache(maxsize=1024)
def attribute_term(attribute: str) -> Term | None:
    """Return what an attribute is called, `motor_2_temp_c` as 电机2温度; None for one the standard has not."""
    numbered = _NUMBERED.match(attribute)
    known = _terms("attributes").get(_NUMBERED.sub(r"\1_n_", attribute, count=1))
    if known is None or numbered is None:
        return known
    number = numbered[2] if numbered[2] != "None" else "?"
    return Term(attribute, known.name.format(n=number), known.english.format(n=number))


def word_term(word: str) -> Term | None:
    """Return what a value of an enumeration, or an alarm, is called; None for a word the standard has not."""
    return _terms("words").get(word)


@lru_cache(maxsize=2)
def _terms(part: str) -> dict[str, Term]:
    text = files("bihuan").joinpath("packs/vehicles.yaml").read_text(encoding="utf-8")
    return {row["id"]: Term(row["id"], row["name"], row["english"]) for row in yaml.safe_load(text)[part]}
