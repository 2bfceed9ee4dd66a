"""Who may change what the open rooms show: documents, rows of the ledger, runs of the energy plan.

Whoever sits at the machine itself may, so that one person with one computer needs no account. From elsewhere somebody
signs in first: the ledger belongs to those who see the whole city, a run of the plan to anybody with an account. Reading
asks for nothing.
"""

from __future__ import annotations

from fastapi import Request

from bihuan.act.accounts import SignedIn
from bihuan.core.errors import ForbiddenError
from bihuan.core.messages import N_
from bihuan.show.session import is_local, require_session, signed_in

AT_THE_MACHINE = "local"
"""The actor of a change by somebody who sits at this machine and has not signed in."""


def may_review(request: Request) -> bool:
    """Return whether the reader may change the ledger: whether its buttons are shown."""
    return is_local(request) or _sees_the_city(signed_in(request))


def may_plan(request: Request) -> bool:
    """Return whether the reader may start, stop and remove runs of the energy plan."""
    return is_local(request) or signed_in(request) is not None


def reviewer(request: Request) -> str:
    """Return the actor of a change to the ledger.

    Raises:
        HTTPException: 303 to the page that signs in.
        ForbiddenError: an account that does not see the whole city, from elsewhere.
    """
    session = _somebody(request)
    if session is not None and not is_local(request) and not _sees_the_city(session):
        raise ForbiddenError(
            N_("the ledger is changed by those who see the whole city's cases; ask one of them"),
            key="show.not_the_city",
        )
    return _actor(session)


def planner(request: Request) -> str:
    """Return the actor of a run of the energy plan.

    Raises:
        HTTPException: 303 to the page that signs in.
    """
    return _actor(_somebody(request))


def _somebody(request: Request) -> SignedIn | None:
    """Return the session of the reader; None only for somebody at this machine who has not signed in."""
    session = signed_in(request) if is_local(request) else require_session(request)
    return None if session is not None and session.must_change else session


def _actor(session: SignedIn | None) -> str:
    return AT_THE_MACHINE if session is None else session.principal.id


def _sees_the_city(session: SignedIn | None) -> bool:
    return session is not None and not session.must_change and session.principal.scope == "city"
