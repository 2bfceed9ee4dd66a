"""Templates filled for one reader: in his language and theme, with everything escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bihuan import __version__
from bihuan.core.errors import BihuanError
from bihuan.core.messages import Named
from bihuan.show import wording
from bihuan.show.charts import chart_json
from bihuan.show.highlight import html
from bihuan.show.labels import LABELS, label
from bihuan.show.language import Language, choose_language, words
from bihuan.show.lights import LIGHTS, light

HERE = Path(__file__).parent
STATIC = HERE / "static"
THEME_COOKIE = "bihuan_theme"
THEMES = ("auto", "light", "dark")


def language_of(request: Request) -> Language:
    """Return the language this reader gets."""
    return choose_language(request.cookies, request.headers.get("accept-language", ""))


def theme_of(request: Request) -> str:
    """Return the reader's theme; `auto` follows his system."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return theme if theme in THEMES else "auto"


@cache
def asset(path: str) -> str:
    """Return the address of a static file, with a mark of its content, so that it may be kept for ever."""
    file = STATIC / path
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "missing"
    return f"/static/{path}?v={mark}"


def query(current: dict[str, object], **changes: object) -> str:
    """Return `?a=1&b=2` for the present filters with some changed; None, "" and [] drop a name."""
    merged = {**current, **changes}
    kept = {name: value for name, value in merged.items() if value not in (None, "", [], ())}
    return "?" + urlencode(kept, doseq=True)


@cache
def environment(language: Language) -> Environment:
    """Return the templates of one language; a name a page does not provide is an error, not an empty place."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    translations = words(language)
    env.install_gettext_callables(translations.gettext, translations.ngettext, newstyle=True)  # type: ignore[attr-defined]

    @cache
    def local_label(family: str, value: str | None) -> str:
        return translations.gettext(label(family, value))

    env.globals.update(
        asset=asset,
        label=local_label,
        labels=LABELS,
        language=language,
        light=light,
        lights=LIGHTS,
        query=query,
        version=__version__,
    )
    env.filters.update(
        marked=html,
        value=partial(wording.value_text, language=language),
        period=partial(wording.period_text, language=language),
        number=wording.plain_number,
        time=wording.time_text,
        left=partial(wording.left_text, language=language),
        minute=wording.minute_text,
        size=wording.size_text,
        excerpt=wording.excerpt,
        source=wording.source_text,
        dated=wording.dated_title,
        protocol=wording.protocol_name,
        chart=partial(chart_json, language=language),
        point=lambda point: wording.scaled(point.value, point.unit, language),
    )
    return env


def page(request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Return a template as an answer; `values` are what it shows."""
    language = language_of(request)
    env = environment(language)
    filled = env.get_template(template).render(
        path=request.url.path,
        places=request.app.state.places,
        address=_address(request),
        theme=theme_of(request),
        is_made_up=request.app.state.settings.demo,
        **values,
    )
    return HTMLResponse(
        filled, status, headers={"content-language": language, "vary": "Cookie, Accept-Language, HX-Request"}
    )


def local(request: Request, message: str) -> str:
    """Return a catalogued English message in the reader's language; what is not catalogued stays as it is."""
    return words(language_of(request)).gettext(message)


def say(request: Request, message: str, **values: object) -> str:
    """Return a catalogued English message in the reader's language, its `{names}` filled."""
    return words(language_of(request)).gettext(message).format(**values)


def reason(request: Request, error: BihuanError, fields: Mapping[str, Named] | None = None) -> str:
    """Return why something was refused and what to do, in the reader's language, what it is about in front.

    Args:
        request: whose language it is.
        error: the refusal.
        fields: what the fields are called that it may be about.
    """
    chinese = language_of(request) == "zh-CN"
    said = error.reason.said(words(language_of(request)).gettext, chinese=chinese)
    if not error.where:
        return said
    field = (fields or {}).get(error.where)
    name = local(request, label("input", error.where)) if field is None else field.name if chinese else field.english
    return f"{name}：{said}" if chinese else f"{name}: {said}"


def _address(request: Request) -> str:
    """Return path and query of this page: where to come back to."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
