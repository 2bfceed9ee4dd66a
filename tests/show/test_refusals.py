"""Why something was refused is said in the reader's language: what, why, and what to do."""

from __future__ import annotations

import ast
import html
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from tests.show.browsing import Client
from tests.show.casework import NOW, Browser, signed_in

import bihuan
from bihuan.act import accounts, demo_accounts
from bihuan.act.accounts import NewAccount
from bihuan.act.engine import Engine
from bihuan.core import errors
from bihuan.core.errors import BihuanError, StateError
from bihuan.core.messages import N_, Message
from bihuan.core.records.city import Organisation
from bihuan.store.connect import Store

SOURCES = Path(bihuan.__file__).parent
SAID_ON_PAGES = (
    *("act/access", "act/decide", "act/effects", "act/engine", "act/evidence", "act/fields", "act/limits"),
    *("act/plain_text", "act/promises", "act/sheets", "core/workdays", "show/case_forms", "show/session"),
    *(f"show/pages/{name}" for name in ("account", "ask", "board", "case", "case_sheet", "cases", "inbox", "scores")),
)
OURS = {name for name in vars(errors) if name.endswith("Error")}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def _raised(module: str) -> Iterator[tuple[int, ast.Call]]:
    for node in ast.walk(ast.parse((SOURCES / f"{module}.py").read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OURS:
            yield node.lineno, node


@pytest.mark.parametrize("module", SAID_ON_PAGES)
def test_every_refusal_of_casework_is_a_sentence_of_the_catalogue_with_a_key(module: str) -> None:
    """The catalogue itself is held complete by test_language."""
    for line, call in _raised(module):
        marked = [node for node in ast.walk(call.args[0]) if isinstance(node, ast.Name) and node.id == "N_"]
        given = {keyword.arg for keyword in call.keywords}
        internal = (
            module == "core/workdays" and "key" not in given
        )  # a calendar that is no calendar: for whoever makes one
        assert internal or (marked and "key" in given), f"{module}:{line}"


def test_a_sentence_is_filled_in_either_language() -> None:
    unit = Organisation("housing", "市住建局", "Housing Bureau", ())
    error = StateError(N_("{units} lack {count:,} {thing}"), units=[unit, "x"], count=1200, thing=N_("step"), key="k")
    assert str(error) == "Housing Bureau, x lack 1,200 step"
    words = {"{units} lack {count:,} {thing}": "{units}缺{count:,}个{thing}", "step": "环节"}
    assert error.reason.said(lambda text: words[text], chinese=True) == "市住建局、x缺1,200个环节"


def test_what_is_no_sentence_may_hold_braces() -> None:
    assert BihuanError("a {b} c", given=1).message == "a {b} c"
    assert str(Message("{}")) == "{}"


def told(page: str) -> str:
    """Return the reason that a page shows."""
    found = re.search(r'role="alert">(.*?)</p>', page)
    assert found, page[:400]
    return html.unescape(found[1])


def opened(chief: Browser, lead: str = "housing") -> str:
    chief.get("/cases/new/13710")
    given = {"f.title": "示例督办", "f.requirement": "办好", "f.difficulty": "ordinary"}
    made = chief.post("/cases/new/13710", lead=lead, **given)
    return made.headers["location"].rpartition("/")[2]


def refused(browser: Browser, number: str, files: dict[str, object] | None = None, **form: str) -> str:
    browser.get(f"/cases/{number}")
    answer = browser.post(f"/cases/{number}", files, **form)
    assert answer.status_code == 422
    return told(answer.text)


def test_reasons_on_a_case_page_are_chinese_and_say_what_to_do(casework: Client) -> None:
    chief, housing = signed_in(casework, "demo-chief"), signed_in(casework, "demo-housing")
    number = opened(chief)
    said = {
        "role": refused(housing, number, action="close"),
        "step": refused(housing, number, action="apply"),
        "note": refused(housing, number, action="report"),
        "markup": refused(housing, number, action="report", note="<script>"),
        "number": refused(housing, number, action="report", note="好", **{"f.progress": "abc"}),
        "percent": refused(housing, number, action="report", note="好", **{"f.progress": "101"}),
        "disguised": refused(housing, number, {"files": ("a.png", b"MZ\x00")}, action="report", note="好"),
    }
    housing.get(f"/cases/{number}")
    assert housing.post(f"/cases/{number}", action="accept").status_code == 303
    said |= {
        "field": refused(housing, number, action="apply", note="办完", **{"f.result": ""}),
        "evidence": refused(housing, number, action="apply", note="办完", **{"f.result": "成"}),
        "no extension": refused(housing, number, action="request-extension", days="3"),
    }
    expected = {
        "role": "“销号”由交办单位办理；您（市住建局）在本事项中不是其中之一。请由其办理",
        "step": "“申请销号”只能在办理环节办理，事项现处“交办”环节。请刷新，查看现在可办的动作",
        "note": "情况说明：“报告进展”须附文字说明：请写明理由或办理情况",
        "markup": "情况说明：含有标记（<s…）；请写纯文字，不要带 HTML 或脚本",
        "number": "进展：应为数字，而不是“abc”",
        "percent": "进展：101 超过百分之百",
        "disguised": "a.png：内容是 未知类型，文件名却是 image/png；请按实际类型另存",
        "field": "办理结果：必须填写",
        "evidence": "佐证材料：“申请销号”须附佐证材料至少 1 份，本环节现有 0 份。请上传",
        "no extension": "时限：没有可以这样延期的在办时限；请另选，或不选",
    }
    assert {name: text.removeprefix(f"{number}：") for name, text in said.items()} == expected


def test_the_same_reason_is_english_for_who_reads_english(casework: Client) -> None:
    number = opened(signed_in(casework, "demo-chief"))
    housing = signed_in(casework, "demo-housing")
    housing.post("/preferences", language="en")
    said = refused(housing, number, action="apply")
    assert said.startswith(
        f"{number}: 'Apply to close' is possible in the steps In hand; the case stands in 'Assigned'"
    )


def test_nobody_judges_own_work_and_is_told_so(casework: Client, store: Store) -> None:
    with store.connection() as connection:
        both = NewAccount("both", "两职", "government-office", ("supervisor", "handler"), "own")
        engine: Engine = casework.app.state.engine
        roles = accounts.known_roles(engine.types)
        accounts.create(connection, both, engine.units, roles, actor="t", now=NOW, password=demo_accounts.PASSWORD)
    one = signed_in(casework, "both")
    number = opened(one, lead="government-office")
    one.get(f"/cases/{number}")
    assert one.post(f"/cases/{number}", action="accept").status_code == 303
    one.get(f"/cases/{number}")
    applied = {"action": "apply", "note": "办完", "f.result": "成"}
    assert one.post(f"/cases/{number}", {"files": ("a.png", PNG)}, **applied).status_code == 303
    said = refused(one, number, action="review", grade="优秀", note="好")
    assert said == f"{number}：“核验评级”不能由承办者本人办理，也不能由系统办理；请由他人办理"


def test_a_sheet_is_refused_row_by_row_in_chinese(casework: Client) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        rows = [
            ("事项", "工作要求", "收到时间"),
            ("甲", "办", "2027-01-01"),
            ("乙", "办", "2026-01-05"),
            ("丙", "", ""),
        ]
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    chief = signed_in(casework, "demo-chief")
    chief.get("/cases/import/13710")
    page = chief.post("/cases/import/13710", {"files": ("a.xlsx", buffer.getvalue())}).text
    assert "第 2 行：收到时间：2027-01-01 00:00 是将来的时间" in page
    assert "第 3 行：收到时间：2026-01-05 00:00 早于“13710 督办”允许的 7 天" in page
    assert "第 4 行：工作要求：必须填写" in page
