"""A policy that enterprises may have a right to, and what makes one eligible (政策找企业)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Operator = Literal[">=", "<=", ">", "<", "==", "!=", "in", "not in"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold of an enterprise's registered attributes; what is not registered does not hold."""

    attribute: str
    operator: Operator
    values: tuple[float | str, ...]
    """One, several for `in` and `not in`; `yes` and `no` for what is or is not so."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy."""

    id: str
    name: str
    conditions: tuple[Condition, ...]
    """All must hold."""
    benefit: str
    """What the enterprise gets, in a sentence."""
    amount_yuan: str | None
    """Amount or how it is reckoned, as the policy says; None where it gives none."""
    office: str
    """Office of the pack that grants it."""
    source: str
    """Document and number."""
