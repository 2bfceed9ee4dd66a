"""What is answered: the conflict, its repairs, and how an unbounded plan runs away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bihuan.plan.explain.words import Lang, amount_text, condition_text, say

Verdict = Literal["feasible", "infeasible", "infeasible_whole", "unbounded", "unclear"]


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of the conflict."""

    family: str
    kind: str
    name: str
    first: str
    """First snapshot in which it matters; empty for the whole year."""
    last: str
    places: int
    """In how many snapshots it matters."""
    limit: float
    """Its right side or bound: where several, the largest."""
    unit: str


@dataclass(frozen=True, slots=True)
class Repair:
    """What would have to give way for a plan to exist."""

    clause: Clause
    total: float
    """Sum over the year, in unit · h where it varies by hour; the amount itself else. NaN: this alone repairs nothing."""
    peak: float
    """Largest amount in one snapshot."""
    hours: int
    """In how many snapshots."""
    over: bool
    """Whether there is too much rather than too little."""


@dataclass(frozen=True, slots=True)
class Runaway:
    """One quantity that grows without end in an unbounded plan."""

    kind: str
    attribute: str
    name: str
    gain: float
    """What the cost falls by for each unit of the way along it."""


@dataclass(frozen=True)
class Explanation:
    """Why there is no plan."""

    verdict: Verdict
    conflict: tuple[Clause, ...] = ()
    """Conditions that cannot hold together; without any one of them they could."""
    single: tuple[Repair, ...] = ()
    """For each condition of the conflict: how far it alone must give way."""
    together: tuple[Repair, ...] = ()
    """The least total by which demand, budgets and duties are missed when all of them may give way."""
    runaway: tuple[Runaway, ...] = ()
    several: bool = False
    """Whether there are further conflicts beside this one, so that no single repair is enough."""

    def text(self, lang: Lang = "en") -> str:
        """Return the explanation in words."""
        lines = [say(self.verdict, lang)]
        lines += [f"  {at}. {condition_text(clause, lang)}" for at, clause in enumerate(self.conflict, 1)]
        for title, repairs in (("alone", self.single), ("together", self.together)):
            if repairs:
                lines += ["", say(title, lang)]
                lines += [f"  - {amount_text(repair, lang)}" for repair in repairs]
        if self.several:
            lines.append(say("several", lang))
        if self.runaway:
            lines += [
                f"  - {r.kind} {r.name} ({r.attribute}): {say('gain', lang).format(gain=r.gain)}" for r in self.runaway
            ]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Return the explanation as plain data; amounts that do not exist are None."""
        from dataclasses import asdict

        data: dict[str, Any] = asdict(self)
        for repair in [*data["single"], *data["together"]]:
            repair["possible"] = repair["total"] == repair["total"]
            if not repair["possible"]:
                repair["total"] = repair["peak"] = None
        return data
