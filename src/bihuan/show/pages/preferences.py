"""The reader's language and theme, kept in two cookies."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse

from bihuan.show.language import COOKIE, LANGUAGES
from bihuan.show.rendering import THEME_COOKIE, THEMES

router = APIRouter()
YEAR_SECONDS = 365 * 24 * 3600


@router.post("/preferences")
def prefer(
    back: Annotated[str, Form()] = "/",
    language: Annotated[str | None, Form()] = None,
    theme: Annotated[str | None, Form()] = None,
) -> RedirectResponse:
    """Keep the choice and go back to the page it was made on; an unknown choice changes nothing."""
    answer = RedirectResponse(own_address(back), 303)
    for cookie, chosen, known in ((COOKIE, language, LANGUAGES), (THEME_COOKIE, theme, THEMES)):
        if chosen in known:
            answer.set_cookie(cookie, str(chosen), max_age=YEAR_SECONDS, samesite="lax", httponly=True)
    return answer


def own_address(back: str) -> str:
    """Return `back` where it is a path of this server, else `/`: nobody is sent elsewhere."""
    return back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
