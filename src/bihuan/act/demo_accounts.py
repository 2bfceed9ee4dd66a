"""The accounts of `bihuan demo`: public passwords, clearly marked, for this machine only."""

from __future__ import annotations

from datetime import datetime

from bihuan.act import accounts
from bihuan.act.accounts import NewAccount
from bihuan.act.engine import Engine
from bihuan.store import accounts as rows
from bihuan.store.connect import Connection

PASSWORD = "yangquan-demo"  # noqa: S105  # public on purpose
_WANTED: tuple[tuple[str, str, str | None, tuple[str, ...], str], ...] = (
    ("demo-admin", "演示管理员", None, ("administrator", "supervisor"), "city"),
    ("demo-chief", "演示督查员", "government-office", ("supervisor",), "city"),
    ("demo-dispatcher", "演示派单员", "hotline-centre", ("dispatcher",), "own"),
    ("demo-operator", "演示值班员", "operations-centre", ("dispatcher",), "own"),
    ("demo-energy", "演示能源经办", "energy", ("handler",), "own"),
    ("demo-ecology", "演示环保经办", "ecology", ("handler",), "own"),
    ("demo-housing", "演示住建经办", "housing", ("handler",), "own"),
    ("demo-industry", "演示工信经办", "industry", ("handler",), "own"),
    ("demo-city", "演示城管经办", "city-management", ("handler",), "own"),
    ("demo-planner", "演示项目办", "development-reform", ("supervisor",), "own"),
    ("demo-investment", "演示招商办", "investment-promotion", ("supervisor",), "own"),
    ("demo-approval", "演示政务办", "approval", ("supervisor",), "own"),
    ("demo-inspector", "演示检查员", "emergency", ("inspector", "supervisor"), "subtree"),
)


def make(connection: Connection, engine: Engine, now: datetime) -> list[str]:
    """Create the demo accounts that the city's units allow; return their logins, those that are there too."""
    there = {account.login for account in rows.listed(connection)}
    roles = accounts.known_roles(engine.types)
    logins = []
    for login, name, unit, held, scope in _WANTED:
        if (unit is not None and unit not in engine.units) or not set(held) <= set(roles):
            continue
        if login not in there:
            new = NewAccount(login, name, unit, held, scope)  # type: ignore[arg-type]  # one of Scope, above
            accounts.create(connection, new, engine.units, roles, actor="system", now=now, password=PASSWORD, demo=True)
        logins.append(login)
    return logins
