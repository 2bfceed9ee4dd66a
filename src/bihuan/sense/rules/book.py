"""The rules of a city: those of its pack, with what people have set about them in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bihuan.core.messages import N_
from bihuan.core.records.rule import Fence, Rule
from bihuan.sense.rules.compiled import CompiledRule, compiled, expression_faults
from bihuan.store.connect import Connection
from bihuan.store.rule_settings import RuleSetting, settings
from bihuan.store.rules import load_written_rules, read_rule
from bihuan.store.yaml_records import Fault


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule as it stands now."""

    id: str
    text: str
    """YAML."""
    ready: CompiledRule | None
    """None where the text is no longer sound, because the pack has lost a fence, say."""
    faults: tuple[Fault, ...]
    setting: RuleSetting | None
    """None where it is as the pack has it."""
    in_pack: bool

    @property
    def active(self) -> bool:
        """Return whether it is looked at."""
        return self.ready is not None and (self.setting is None or self.setting.active)

    @property
    def version(self) -> int:
        """Return the version that stands; 0 for the pack's."""
        return self.setting.version if self.setting else 0


class RuleBook:
    """A city's rules.

    Args:
        rules: of the pack.
        fences: of the pack.
        texts: YAML of its rules by identifier, for who edits them.

    Raises:
        InputError: an expression is wrong; the message names each.
    """

    def __init__(
        self, rules: Sequence[Rule] = (), fences: Sequence[Fence] = (), texts: Mapping[str, str] | None = None
    ) -> None:
        self.fences = fences
        self._pack = {one.rule.id: one for one in compiled(rules, fences)}
        self._texts = texts or {}
        self._read: dict[str, tuple[CompiledRule | None, tuple[Fault, ...]]] = {}

    @classmethod
    def of(cls, folder: Path) -> RuleBook:
        """Return the rules of a pack's folder.

        Raises:
            PackError: a file is wrong; the message lists every fault.
            InputError: an expression is wrong.
        """
        written, fences = load_written_rules(folder)
        return cls([one.rule for one in written], fences, {one.rule.id: one.text for one in written})

    def entries(self, connection: Connection) -> list[Entry]:
        """Return every rule as it stands now: the pack's in its order, then those made here."""
        set_ = settings(connection)
        return [self._entry(name, set_.get(name)) for name in [*self._pack, *(set_.keys() - self._pack.keys())]]

    def check(self, text: str) -> tuple[CompiledRule | None, tuple[Fault, ...]]:
        """Return the rule of a text, ready to run, or None and all that is wrong, each with its line in front."""
        written, faults = read_rule(text)
        if written is None:
            return None, tuple(faults)
        wrong = expression_faults(written.rule, self.fences)
        faults += [Fault.of("", written.lines[name], name, fault) for name, fault in wrong.items()]
        return (None if faults else CompiledRule(written.rule, self.fences)), tuple(faults)

    def pack_text(self, rule: str) -> str | None:
        """Return how the pack has a rule; None where it has none of that name."""
        return self._texts.get(rule)

    def _entry(self, name: str, setting: RuleSetting | None) -> Entry:
        in_pack = name in self._pack
        if setting is None or setting.text is None:
            gone = Fault.of("", None, "", N_("the pack has this rule no longer"))
            ready, faults = self._pack.get(name), () if in_pack else (gone,)
            return Entry(name, self._texts.get(name, ""), ready, faults, setting, in_pack)
        if setting.text not in self._read:
            self._read[setting.text] = self.check(setting.text)
        return Entry(name, setting.text, *self._read[setting.text], setting, in_pack)
