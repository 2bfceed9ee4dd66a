"""Who may see a case, and who plays which role in it. Pure."""

from __future__ import annotations

from bihuan.act.case_type import ActionSpec, CaseType, RoleSpec
from bihuan.act.units import Units
from bihuan.core.errors import ForbiddenError
from bihuan.core.messages import N_
from bihuan.core.records.case import Case
from bihuan.core.records.principal import Principal


def units_seen(who: Principal, units: Units) -> tuple[str, ...] | None:
    """Return the units whose cases somebody sees; None for all of the city's."""
    if who.scope == "city":
        return None
    if who.unit is None or who.scope == "public":
        return ()
    return units.subtree(who.unit) if who.scope == "subtree" else (who.unit,)


def sees(who: Principal, case: Case, units: Units) -> bool:
    """Return whether somebody sees a case inside the office; what the public sees is another matter."""
    seen = units_seen(who, units)
    return seen is None or is_opener(case, who) or not set(seen).isdisjoint(case.units)


def follower_of(number: str) -> str:
    """Return the identifier of whoever follows a case by its number and code: of that case's opener, and no other's."""
    return f"follower:{number}"


def is_opener(case: Case, who: Principal) -> bool:
    """Return whether somebody opened a case, or follows it in the opener's stead."""
    return who.id in (case.opened_by, follower_of(case.number))


def plays(role: RoleSpec, case: Case | None, who: Principal, units: Units) -> bool:
    """Return whether somebody plays a role in a case; without a case, whether they could when opening one."""
    if role.account is not None and role.account not in who.roles:
        return False
    if role.party == "anyone":
        return True
    if role.party == "system":
        return "system" in who.roles
    if case is None:
        return role.party == "opener" or (role.party == "office" and who.unit is not None)
    return {
        "office": who.unit is not None and who.unit == case.office,
        "lead": who.unit is not None and who.unit == case.lead,
        "support": who.unit in case.supports,
        "superior": who.unit in units.superiors(case.lead),
        "opener": is_opener(case, who),
        "handler": who.id == case.handler,
    }[role.party]


def roles_of(case_type: CaseType, case: Case | None, who: Principal, units: Units) -> set[str]:
    """Return the roles of the type that somebody plays in a case."""
    return {name for name, role in case_type.roles.items() if plays(role, case, who, units)}


def units_of_role(role: RoleSpec, case: Case, units: Units) -> tuple[str, ...]:
    """Return the units a role stands for in a case: who is told."""
    match role.party:
        case "office":
            return (case.office,)
        case "lead" | "handler":
            return (case.lead,) if case.lead else ()
        case "support":
            return case.supports
        case "superior":
            return units.superiors(case.lead)[:1] or (case.office,)
        case _:
            return ()


def require_role(case_type: CaseType, action: ActionSpec, case: Case | None, who: Principal, units: Units) -> None:
    """Refuse somebody who plays none of an action's roles.

    Raises:
        ForbiddenError: names the roles that may.
    """
    if not roles_of(case_type, case, who, units).isdisjoint(action.by):
        return
    raise ForbiddenError(
        N_("'{action}' is for {roles}; you, of '{unit}', are none of these here. Ask one of them to do it"),
        where=case.number if case else case_type.type,
        key="act.not_your_role",
        action=action,
        roles=[case_type.roles[name] for name in action.by],
        unit=units.by_id.get(who.unit or "", "—"),
    )
