"""Official documents as answers: Word to be kept, HTML to be read and printed."""

from __future__ import annotations

import base64
import hashlib
from typing import Literal

from fastapi.responses import HTMLResponse, Response

from bihuan.act.official import STYLE, Paper, to_docx, to_html
from bihuan.show.downloads import kept_as

PaperForm = Literal["docx", "html"]
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'; base-uri 'none'"
"""Content-Security-Policy of such a page: its own style sheet by digest, and nothing else."""


def paper_answer(paper: Paper, form: PaperForm) -> Response:
    """Return an official document in one of its two forms."""
    if form == "html":
        return HTMLResponse(to_html(paper), headers={"content-security-policy": POLICY, "cache-control": "no-store"})
    name = f"{paper.title}{paper.number and ' ' + paper.number}.docx"
    return Response(to_docx(paper), media_type=WORD, headers=kept_as(name))
