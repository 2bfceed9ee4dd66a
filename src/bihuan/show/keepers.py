"""Who may change what the operations centre goes by: rules, devices, subscriptions."""

from __future__ import annotations

from fastapi import Request

from bihuan.act.accounts import SignedIn
from bihuan.core.errors import ForbiddenError
from bihuan.core.messages import N_
from bihuan.core.records.principal import Principal
from bihuan.show.session import require_session

KEEPERS = frozenset({"administrator", "supervisor", "dispatcher"})
"""Roles of accounts, and of API keys, that may."""


def may_keep(session: SignedIn | None) -> bool:
    """Return whether who is signed in, if anybody, may change it."""
    return session is not None and not session.principal.roles.isdisjoint(KEEPERS)


def require_keeper(request: Request) -> SignedIn:
    """Return the session of this browser, or send the reader to sign in.

    Raises:
        HTTPException: 303, nobody is signed in.
        ForbiddenError: the account has none of the roles.
    """
    session = require_session(request)
    check_keeper(session.principal)
    return session


def check_keeper(principal: Principal) -> None:
    """Refuse who may not.

    Raises:
        ForbiddenError: it has none of the roles.
    """
    if principal.roles.isdisjoint(KEEPERS):
        raise ForbiddenError(
            N_("this is changed by accounts with one of the roles administrator, supervisor or dispatcher"),
            key="sense.role",
        )
