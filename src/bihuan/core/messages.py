"""What people are told: sentences with named places, filled in the language of whoever reads them.

A sentence is written once, in English, where the code knows what is the matter; the cockpit's catalogue has its Chinese:

    raise StateError(N_("'{action}' is possible in the steps {steps}"), key="act.wrong_step", action=spec, steps=steps)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo

_CHINA = ZoneInfo("Asia/Shanghai")


class Sentence(str):
    """A catalogued sentence, with places such as `{name}` for values."""

    __slots__ = ()


def N_(sentence: str) -> Sentence:
    """Mark a sentence for the catalogue; it is translated where it is shown."""
    return Sentence(sentence)


@runtime_checkable
class Named(Protocol):
    """Something with a name in both languages: an action, a step, a role, a field, a unit."""

    @property
    def name(self) -> str: ...  # noqa: D102  # Chinese
    @property
    def english(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence with what fills its places."""

    text: str
    """A `Sentence`; any other text stands as it is."""
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """Say it in English."""
        return self.said(str, chinese=False)

    def said(self, translate: Callable[[str], str], *, chinese: bool) -> str:
        """Return it in one language.

        Args:
            translate: English sentence -> sentence of the language, places kept.
            chinese: whether things are called by their Chinese names, and times are in Beijing time.
        """
        if not isinstance(self.text, Sentence):
            return translate(self.text)
        values = {name: _spoken(value, translate, chinese) for name, value in self.values.items()}
        return translate(self.text).format(**values)


def _spoken(value: object, translate: Callable[[str], str], chinese: bool) -> object:
    """Return a value as it stands in a sentence; numbers stay numbers, for the sentence to group their digits."""
    match value:
        case Message():
            return value.said(translate, chinese=chinese)
        case Sentence():
            return translate(value)
        case Named():
            return value.name if chinese else value.english
        case datetime() if value.tzinfo is not None and chinese:
            return value.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return int(value)
        case tuple() | list() | frozenset():
            return ("、" if chinese else ", ").join(str(part) for part in _all_spoken(value, translate, chinese))
    return value


def _all_spoken(values: Iterable[object], translate: Callable[[str], str], chinese: bool) -> Iterable[object]:
    return (_spoken(value, translate, chinese) for value in values)
