"""Casework on the store: open cases, act on them, read them. What pages, APIs and commands call.

    engine = Engine.of(pack, keys)
    with store.connection() as connection:
        opened = engine.open(connection, who, Opening("letter", {...}), now)
    with store.connection() as connection:
        case = engine.act(connection, who, opened.case.number, Command("assign", version=1, lead="housing"), now)

Each call does its work in the caller's transaction: all of it stands when the block ends, or nothing does. The clock
is passed in. Who acts is an authenticated `Principal` (see `bihuan.act.accounts`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from bihuan.act import access, points
from bihuan.act.case_type import CaseType
from bihuan.act.case_type_file import load_case_types
from bihuan.act.clock import CHINA
from bihuan.act.command import Command, Opening
from bihuan.act.decide import Decision, Law, changes, decide, decide_opening, evolve, recalculate
from bihuan.act.effects import RELATIONS
from bihuan.act.personal import KeyRing
from bihuan.act.plain_text import masked
from bihuan.act.units import Units
from bihuan.core.errors import ForbiddenError, InputError, MissingError, StaleError, StateError
from bihuan.core.messages import N_, Message, Sentence
from bihuan.core.records.case import Case, Relation
from bihuan.core.records.principal import SYSTEM, Principal
from bihuan.core.workdays import Calendar
from bihuan.store import cases, events, notices, personal, timers
from bihuan.store.calendar import load_calendar
from bihuan.store.connect import Connection
from bihuan.store.packs import Pack

BY_ITSELF = frozenset({"case.timer", "case.renewed", "case.recalculated"})
"""Events nobody caused; they make nobody's view of a case stale."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that was opened."""

    case: Case
    code: str | None
    """What the public follows and rates it with, told once; None for cases opened inside."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a case, for its timeline."""

    seq: int
    type: str
    actor: str
    at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as somebody sees it."""

    case: Case
    type: CaseType
    may: tuple[str, ...]
    """Actions that this person may do now, in the order of the type."""
    personal: Mapping[str, str]
    """Personal fields, whole for the roles that see them, masked for others."""
    unmasked: frozenset[str]
    """Those of them that are whole."""
    history: tuple[Happening, ...]


class Engine:
    """Everything that decisions rest on: types, working days, organisation, keys. Holds no connection."""

    def __init__(
        self, types: Mapping[str, CaseType], calendar: Calendar, units: Units, keys: KeyRing | None = None
    ) -> None:
        self.types = types
        self.calendar = calendar
        self.units = units
        self.keys = keys

    @classmethod
    def of(cls, pack: Pack, keys: KeyRing | None = None) -> Engine:
        """Return the engine of a city.

        Raises:
            PackError: a case type has faults; the message lists all.
        """
        return cls(load_case_types(pack), load_calendar(), Units(pack.organisations), keys)

    def law(self, type_name: str) -> Law:
        """Return what decisions about a type rest on.

        Raises:
            InputError: there is no such type.
        """
        if type_name not in self.types:
            raise InputError(
                N_("'{type}' is no case type of this city; there are {types}"),
                where="type",
                key="act.no_type",
                type=type_name,
                types=tuple(self.types),
            )
        return Law(self.types[type_name], self.calendar, self.units)

    # -- doing ---------------------------------------------------------------------------------------------------------

    def open(self, connection: Connection, who: Principal, opening: Opening, now: datetime) -> Opened:
        """Open a case; with a key that was used before, return the case it opened.

        Raises:
            InputError, ForbiddenError: as `decide_opening`; personal values are given and no key file is set.
            StateError: the idempotency key was used for another request.
        """
        if opening.key is not None:
            done = cases.claim_key(connection, who.id, opening.key, _fingerprint(opening), now)
            if done is not None:
                return Opened(self._load(connection, done[0])[1], None)
        law = self.law(opening.type)
        year = now.astimezone(CHINA).year
        decision = decide_opening(law, _PENDING, opening, who, now)
        code = f"{secrets.randbelow(10**10):010d}" if who.unit is None and who.scope == "public" else None
        number, case_id = cases.next_number(connection, law.type.prefix, year)
        decision = _numbered(decision, number)
        with connection.pipeline():
            self._insert(connection, law, case_id, decision, who, code)
        if opening.key is not None:
            cases.settle_key(connection, who.id, opening.key, decision.case.number, 1)
        return Opened(decision.case, code)

    def act(self, connection: Connection, who: Principal, number: str, command: Command, now: datetime) -> Case:
        """Do something to a case and return it as it is then.

        Raises:
            MissingError: there is no such case, or not for this person to see.
            StaleError: somebody was quicker; `values["changes"]` says what they did.
            StateError, InputError, ForbiddenError: as `decide`.
        """
        for other in sorted({number, command.other or number}):
            cases.lock(connection, other)
        if command.key is not None:
            asked = _fingerprint(replace(command, version=0))
            done = cases.claim_key(connection, who.id, command.key, number.encode() + asked, now)
            if done is not None:
                return self._load(connection, done[0])[1]
        case_id, case = self._visible(connection, who, number)
        law = self.law(case.type)
        command = self._up_to_date(connection, case, command)
        self._require_children(connection, law, case, command)
        self._require_original(connection, law, who, command)
        command = self._with_parts(connection, law, who, case, command, now)
        decision = decide(law, case, command, who, now)
        with connection.pipeline():
            self._store(connection, law, case_id, case, decision, who)
        if command.other is not None:
            self._mirror(connection, who, decision.case, command, now)
        if command.key is not None:
            cases.settle_key(connection, who.id, command.key, number, decision.case.version)
        return decision.case

    def recalculate_all(self, connection: Connection, now: datetime) -> int:
        """Compute every open clock anew after a holiday notice; return how many cases moved."""
        moved, after = 0, 0
        while found := cases.open_numbers(connection, after):
            for case_id, number in found:
                cases.lock(connection, number)
                _, case = self._load(connection, number)
                law = self.law(case.type)
                decision = recalculate(law, case, now)
                if decision is not None:
                    self._store(connection, law, case_id, case, decision, SYSTEM)
                    moved += 1
            after = found[-1][0]
        return moved

    def erase_expired(self, connection: Connection, now: datetime) -> int:
        """Erase personal values whose time is over, each case with an event that says which fields; return how many."""
        erased = 0
        for number, fields in personal.due(connection, now.astimezone(CHINA).date()):
            cases.lock(connection, number)
            case_id, case = self._load(connection, number)
            kept = tuple(name for name in case.personal if name not in fields)
            after = replace(case, personal=kept, version=case.version + 1, updated_at=max(now, case.updated_at or now))
            body = {"action": "erase", "fields": fields, "changes": changes(case, after)}
            self._store(connection, self.law(case.type), case_id, case, Decision(after, "case.erased", body), SYSTEM)
            erased += personal.erase(connection, number, fields)
        return erased

    # -- reading -------------------------------------------------------------------------------------------------------

    def load(self, connection: Connection, who: Principal, number: str) -> Case:
        """Return a case.

        Raises:
            MissingError: there is no such case, or not for this person to see.
        """
        return self._visible(connection, who, number)[1]

    def view(self, connection: Connection, who: Principal, number: str, *, personal: bool = True) -> CaseView:
        """Return a case with what this person may do and see of it, and its history.

        Args:
            connection: an open transaction.
            who: looks.
            number: of the case.
            personal: whether personal fields are opened, which takes the keys; else none is told.

        Raises:
            MissingError: as `load`.
        """
        case_id, case = self._visible(connection, who, number)
        law = self.law(case.type)
        shown, whole = self._personal_of(connection, case_id, case, law, who) if personal else ({}, frozenset())
        history = tuple(
            Happening(event.seq, event.type, event.actor, event.time, event.body)
            for event in events.since(connection, stream=cases.stream_of(number), limit=10_000)
        )
        return CaseView(case, law.type, self.may(who, case), shown, whole, history)

    def may(self, who: Principal, case: Case) -> tuple[str, ...]:
        """Return the actions somebody may do to a case now; what each needs is checked when it is done."""
        case_type = self.types[case.type]
        roles = access.roles_of(case_type, case, who, self.units)
        return tuple(
            name
            for name, action in case_type.actions.items()
            if case.step in action.from_ and not roles.isdisjoint(action.by) and _makes_sense(action.does, case)
        )

    def may_open(self, who: Principal) -> tuple[str, ...]:
        """Return the types of which somebody may open cases."""
        return tuple(
            name
            for name, case_type in self.types.items()
            if not access.roles_of(case_type, None, who, self.units).isdisjoint(case_type.opening[1].by)
        )

    def follower(self, connection: Connection, number: str, code: str) -> Principal:
        """Return the principal of somebody of the public who knows a case's code.

        Raises:
            ForbiddenError: number and code do not belong together.
        """
        if cases.opener_by_code(connection, number, code) is None:
            raise ForbiddenError(
                N_("number and code do not belong together; both stand on the receipt"), key="act.wrong_code"
            )
        return Principal(access.follower_of(number), "citizen", None, frozenset({"reporter"}), "public")

    # -- how -----------------------------------------------------------------------------------------------------------

    def _load(self, connection: Connection, number: str) -> tuple[int, Case]:
        stored = cases.load(connection, number)
        if stored is None:
            raise MissingError(N_("there is no such case, or it is not yours to see"), where=number, key="act.missing")
        return stored.id, self.folded(stored)

    def folded(self, stored: cases.StoredCase) -> Case:
        """Return a stored case with what happened since folded in."""
        case = stored.case
        for kind, body in stored.since:
            case = evolve(case, kind, body)
        return case

    def store_state(self, connection: Connection, law: Law, case_id: int, case: Case) -> None:
        """Store a case's state and the points ahead of it; its event is the caller's affair."""
        cases.update(connection, case_id, case, category=_category(law.type, case))
        self.lay_out(connection, law, case_id, case)

    def _visible(self, connection: Connection, who: Principal, number: str) -> tuple[int, Case]:
        case_id, case = self._load(connection, number)
        if not access.sees(who, case, self.units):
            by_role = access.roles_of(self.types[case.type], case, who, self.units)
            if not by_role:
                raise MissingError(
                    N_("there is no such case, or it is not yours to see"), where=number, key="act.missing"
                )
        return case_id, case

    def _up_to_date(self, connection: Connection, case: Case, command: Command) -> Command:
        """Let a command pass that only timers overtook; tell a stale one what others did."""
        if command.version >= case.version:
            return command
        later = cases.history(connection, case.number, command.version)
        others = [(kind, body, seq) for kind, body, seq in later if kind not in BY_ITSELF]
        if not others:
            return replace(command, version=case.version)
        raise StaleError(
            N_("somebody was quicker: {changes}. Reload the case and look again"),
            where=case.number,
            key="act.stale",
            version=case.version,
            seen=command.version,
            changes=[_told(self.types[case.type], kind, body, seq) for kind, body, seq in others],
        )

    def _require_children(self, connection: Connection, law: Law, case: Case, command: Command) -> None:
        action = law.type.actions.get(command.action)
        if action is None or not action.needs.children_closed:
            return
        if waiting := cases.open_children(connection, case.number):
            raise InputError(
                N_("{waiting} subcases are open; close them first"),
                where=case.number,
                key="act.children_open",
                waiting=waiting,
            )

    def _require_original(self, connection: Connection, law: Law, who: Principal, command: Command) -> None:
        """A repeat is merged into an open case of its own type, so that nothing ends in what has ended already."""
        action = law.type.actions.get(command.action)
        if action is None or action.does != "merge" or command.other is None:
            return
        _, other = self._visible(connection, who, command.other)
        if other.type != law.type.type or not other.is_open:
            raise StateError(
                N_("{number} is no open case of the type '{type}'; a repeat is merged into one"),
                where="other",
                key="act.no_original",
                number=other.number,
                type=law.type,
            )

    def _with_parts(
        self, connection: Connection, law: Law, who: Principal, case: Case, command: Command, now: datetime
    ) -> Command:
        """Open the parts of a split and give the command their numbers."""
        action = law.type.actions.get(command.action)
        if not command.parts or action is None or action.does != "split":
            return command
        access.require_role(law.type, action, case, who, self.units)
        opened = [self.open(connection, who, replace(part, parent=case.number), now) for part in command.parts]
        return replace(command, part_numbers=tuple(each.case.number for each in opened))

    def _insert(
        self, connection: Connection, law: Law, case_id: int, decision: Decision, who: Principal, code: str | None
    ) -> None:
        case = decision.case
        hashed = cases.follow_hash(case.number, code) if code else None
        cases.insert(connection, case_id, case, category=_category(law.type, case), follow_sha256=hashed)
        event = events.NewEvent(decision.event, decision.body, who.id)
        events.begin(connection, cases.stream_of(case.number), event, at=case.opened_at)
        self._store_beside(connection, law, case_id, decision)
        for ref in case.evidence:
            cases.save_file_link(connection, case_id, ref.sha256)

    def _store(
        self, connection: Connection, law: Law, case_id: int, before: Case, decision: Decision, who: Principal
    ) -> None:
        case = decision.case
        cases.update(connection, case_id, case, category=_category(law.type, case))
        if case.values != before.values:
            cases.save_words(connection, case_id, case)
        for ref in case.evidence[len(before.evidence) :]:
            cases.save_file_link(connection, case_id, ref.sha256)
        event = events.NewEvent(decision.event, decision.body, who.id)
        events.append(connection, cases.stream_of(case.number), [event], at=case.updated_at or case.opened_at)
        self._store_beside(connection, law, case_id, decision)
        if case.is_open != before.is_open:
            self._set_retention(connection, law, case_id, case)

    def _store_beside(self, connection: Connection, law: Law, case_id: int, decision: Decision) -> None:
        """Store what goes with the event of every decision: personal values, points ahead, notices."""
        case = decision.case
        for name, text in decision.personal.items():
            key_id, sealed = self.ring().seal(text, f"{case.number}/{name}")
            personal.save(connection, case_id, name, key_id, sealed)
        self.lay_out(connection, law, case_id, case)
        at = case.updated_at or case.opened_at
        notices.queue_webhooks(connection, cases.stream_of(case.number), case.version, case.units, at)
        if decision.tell:
            told = [(case_id, case.version, unit, decision.event) for unit in decision.tell]
            timers.save_notices(connection, told, at)

    def lay_out(self, connection: Connection, law: Law, case_id: int, case: Case) -> None:
        """Store the points ahead of a case."""
        ahead = points.laid_out(law, case)
        text = msgspec.json.encode(ahead).decode()
        timers.set_points(connection, case_id, ahead[0].at if ahead else None, text)

    def _set_retention(self, connection: Connection, law: Law, case_id: int, case: Case) -> None:
        for name in case.personal:
            spec = law.type.fields[name].personal
            if spec is not None:
                closed = case.closed_at.astimezone(CHINA).date() if case.closed_at else None
                last = closed + timedelta(days=spec.keep_days) if closed else None
                personal.set_retention(connection, case_id, name, last)

    def _mirror(self, connection: Connection, who: Principal, case: Case, command: Command, now: datetime) -> None:
        """Show a link on the other case too."""
        assert command.other is not None
        other_id, other = self._visible(connection, who, command.other)
        kind = next(r.kind for r in reversed(case.relations) if r.number == command.other)
        relation = Relation(RELATIONS[kind], case.number)  # type: ignore[arg-type]  # the mirror of a known kind
        after = replace(other, relations=(*other.relations, relation), version=other.version + 1)
        after = replace(after, updated_at=max(now, other.updated_at or now))
        body = {"action": "related", "other": case.number, "relation": relation.kind, "changes": changes(other, after)}
        self._store(connection, self.law(other.type), other_id, other, Decision(after, "case.related", body), who)

    def _personal_of(
        self, connection: Connection, case_id: int, case: Case, law: Law, who: Principal
    ) -> tuple[dict[str, str], frozenset[str]]:
        roles = access.roles_of(law.type, case, who, self.units)
        shown, whole = {}, set()
        for name, key_id, sealed in personal.of_case(connection, case_id):
            spec = law.type.fields[name].personal
            text = self.ring().open(key_id, sealed, f"{case.number}/{name}")
            if access.is_opener(case, who) or (spec and not roles.isdisjoint(spec.seen_by)):
                shown[name] = text
                whole.add(name)
            else:
                shown[name] = masked(text)
        return shown, frozenset(whole)

    def masked(self, connection: Connection, numbers: Sequence[str]) -> dict[str, dict[str, str]]:
        """Return the personal values of many cases as whoever may not see them does: number -> field -> text."""
        found: dict[str, dict[str, str]] = {}
        for number, name, key_id, sealed in personal.of_cases(connection, numbers):
            found.setdefault(number, {})[name] = masked(self.ring().open(key_id, sealed, f"{number}/{name}"))
        return found

    def ring(self) -> KeyRing:
        """Return the keys that seal.

        Raises:
            InputError: no key file is named; the message says how to make one.
        """
        if self.keys is None:
            raise InputError(
                N_("personal fields need a key file; make one with `{command}` and name it in BIHUAN_KEY_FILE"),
                where="BIHUAN_KEY_FILE",
                key="act.no_key_file",
                command="bihuan account key new FILE",
            )
        return self.keys


_PENDING = "PENDING"


def _numbered(decision: Decision, number: str) -> Decision:
    """Give a decided opening its number: it is drawn only for openings that stand, so that numbers have no gaps."""
    body = {**decision.body, "changes": {**decision.body["changes"], "number": number}}
    return replace(decision, case=replace(decision.case, number=number), body=body)


def _category(case_type: CaseType, case: Case) -> str | None:
    value = case.values.get(case_type.category) if case_type.category else None
    return None if value is None else str(value)


def _fingerprint(asked: Opening | Command) -> bytes:
    return msgspec.json.encode(asked, order="deterministic")


_PARTS: Mapping[str, Sentence] = {
    "step": N_("step"),
    "values": N_("fields"),
    "clocks": N_("time limits"),
    "lead": N_("leading unit"),
    "supports": N_("supporting units"),
    "handler": N_("handler"),
    "evidence": N_("evidence"),
    "relations": N_("related cases"),
    "grade": N_("grade"),
    "rating": N_("rating"),
}
"""Parts of a case's state that somebody who was slower wants to hear of."""


def _told(case_type: CaseType, kind: str, body: Mapping[str, Any], seq: int) -> Message:
    """Return what an event did, for whoever acted on an older version."""
    action = case_type.actions.get(str(body.get("action", "")), kind.removeprefix("case."))
    parts = [name for part, name in _PARTS.items() if part in body.get("changes", {})]
    said = N_("version {version}: '{action}' changed {parts}") if parts else N_("version {version}: '{action}'")
    return Message(said, {"version": seq, "action": action, "parts": parts})


def _makes_sense(verb: str, case: Case) -> bool:
    """Leave out what the state alone rules out, so that a page shows no button that must fail."""
    return {
        "grant_extension": case.extension is not None,
        "refuse_extension": case.extension is not None,
        "resume": case.suspended_on is not None,
        "suspend": case.suspended_on is None,
        "request_extension": case.extension is None,
        "rate": case.rating is None,
        "propose": False,
    }.get(verb, True)
