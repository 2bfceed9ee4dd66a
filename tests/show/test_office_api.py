"""What a page of casework can do, a program can: a REST counterpart for every address, and the office's own calls."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from python_calamine import CalamineWorkbook
from tests.show.browsing import Client
from tests.show.casework import NOW, Browser, signed_in
from tests.show.test_case_api import MATTER, PICTURE, Program

from bihuan.act import accounts
from bihuan.show.pages import (
    ask,
    board,
    case,
    case_filters,
    case_sheet,
    cases,
    inbox,
    promises,
    public,
    scores,
    supervision,
)
from bihuan.store.connect import Store

ROOMS = (ask, board, case, case_filters, case_sheet, cases, inbox, public, scores, supervision)
COUNTERPARTS: dict[str, str | None] = {
    "GET /ask": "GET /api/case-types",
    "GET /ask/{type_name}": "GET /api/case-types",
    "POST /ask/{type_name}": "POST /open311/v2/requests.{form}",
    "POST /follow": "POST /api/follow",
    "GET /cases/board": "GET /api/case-types/{type}/pipeline",
    "GET /cases/lists/{type_}": "GET /api/case-types/{type}/cases.xlsx",
    "GET /cases/lists/{type_}/lists.xlsx": "GET /api/case-types/{type}/cases.xlsx",
    "GET /cases/{number}": "GET /api/cases/{number}",
    "POST /cases/{number}": "POST /api/cases/{number}/evidence",
    "GET /cases/{number}/{kind}.{form}": "GET /api/cases/{number}/{kind}.{form}",
    "GET /cases/{number}/files/{sha256}": "GET /api/cases/{number}/evidence/{sha256}",
    "POST /cases/filters": "POST /api/case-filters",
    "POST /cases/filters/{filter_id}/remove": "DELETE /api/case-filters/{filter_id}",
    "GET /cases/import/{type_name}": "GET /api/case-types",
    "GET /cases/import/{type_name}/empty.xlsx": "GET /api/case-types/{type}/cases.xlsx",
    "GET /cases/import/{type_name}/cases.xlsx": "GET /api/case-types/{type}/cases.xlsx",
    "POST /cases/import/{type_name}": "POST /api/case-types/{type}/sheet",
    "GET /cases": "GET /api/cases",
    "GET /cases.xlsx": "GET /api/cases.xlsx",
    "GET /cases/new/{type_name}": "GET /api/case-types",
    "POST /cases/new/{type_name}": "POST /api/cases/evidence",
    "GET /notices": "GET /api/notices",
    "POST /notices/read": "POST /api/notices/read",
    "GET /calendar/{unit}.ics": None,  # takes an API key itself
    "GET /scores": "GET /api/scores",
    "GET /scores.xlsx": "GET /api/scores",
    "GET /scores/bulletin.{form}": "GET /api/bulletin.{form}",
    "GET /scores/{unit}": "GET /api/scores/{unit}",
    "GET /public": "GET /api/case-types",
    "GET /public/{type_}": "GET /api/public/{type}",
    "GET /public/cases/{number}": "GET /api/public/cases/{number}",
    "GET /public/cases/{number}/photographs/{sha256}": None,  # needs no key itself
    "GET /supervision": "GET /api/supervision",
    "POST /promises/{year}/cases": "POST /api/promise-cases",
}
"""Address of a page -> operation that does the same for a program."""


def operations(app: FastAPI) -> set[str]:
    found = app.openapi()["paths"]
    return {f"{verb.upper()} {path}" for path, verbs in found.items() for verb in verbs}


def addresses() -> set[str]:
    routes = [route for room in ROOMS for route in room.router.routes if isinstance(route, APIRoute)]
    routes += [route for route in promises.router.routes if isinstance(route, APIRoute) and "POST" in route.methods]
    return {f"{verb} {route.path}" for route in routes for verb in route.methods}


def test_every_page_of_casework_has_a_counterpart_for_programs(casework: Client) -> None:
    """A new address of a page fails here until it is said what a program does instead."""
    assert addresses() == set(COUNTERPARTS)
    there = operations(casework.app)
    wanted = {
        operation for operation in COUNTERPARTS.values() if operation and not operation.startswith("POST /open311")
    }
    assert wanted - there == set()


@pytest.fixture
def chief(casework: Client, store: Store) -> Program:
    units = casework.app.state.engine.units
    with store.connection() as connection:
        key = accounts.create_key(
            connection,
            "chief",
            "government-office",
            ["supervisor"],
            "city",
            ("read", "write"),
            units,
            actor="t",
            now=NOW,
        )
    return Program(casework, key)


@pytest.fixture
def clerk(casework: Client, store: Store) -> Program:
    units = casework.app.state.engine.units
    with store.connection() as connection:
        key = accounts.create_key(
            connection, "clerk", "ecology", ["handler"], "own", ("read", "write"), units, actor="t", now=NOW
        )
    return Program(casework, key)


def multipart(program: Program, path: str, files: dict[str, Any], **form: str) -> Any:
    return program.client.post(path, data=form, files=files, headers=program.headers)


def test_a_case_is_opened_with_evidence_or_not_at_all(chief: Program) -> None:
    opened = multipart(chief, "/api/cases/evidence", {"files": PICTURE}, opening=json.dumps(MATTER))
    assert opened.status_code == 201
    assert opened.json()["case"]["evidence"][0]["name"] == PICTURE[0]
    disguised = {"files": ("现场.png", b"MZ\x00")}
    assert multipart(chief, "/api/cases/evidence", disguised, opening=json.dumps(MATTER)).status_code == 422
    assert len(chief.get("/api/cases?state=all").json()["items"]) == 1


def test_a_split_opens_its_parts_with_evidence(chief: Program) -> None:
    number = chief.post("/api/cases", MATTER).json()["case"]["number"]
    parts = [{**MATTER, "fields": {**MATTER["fields"], "title": title}} for title in ("上段", "下段")]
    command = {"action": "split", "version": 1, "parts": parts}
    done = chief.prove(number, command)
    assert done.status_code == 200, done.text
    children = [tie["number"] for tie in done.json()["relations"] if tie["kind"] == "child"]
    assert [chief.get(f"/api/cases/{child}").json()["case"]["values"]["title"] for child in children] == [
        "上段",
        "下段",
    ]
    faulty = {"action": "split", "version": 2, "parts": [{**MATTER, "fields": {}}]}
    assert chief.post(f"/api/cases/{number}/actions", faulty).status_code == 422
    assert len(chief.get("/api/cases?state=all").json()["items"]) == 3


def test_overview_and_scores_are_those_of_the_pages(chief: Program, clerk: Program, casework: Client) -> None:
    number = chief.post("/api/cases", MATTER).json()["case"]["number"]
    clerk.post(f"/api/cases/{number}/actions", {"action": "report", "version": 1, "note": "已部署"})
    (tally,) = chief.get("/api/supervision").json()
    assert (tally["type"], tally["lead"], tally["open"]) == ("13710", "ecology", 1)
    (card,) = chief.get("/api/scores?from=2026-03-01&to=2026-03-31").json()
    assert (card["unit"], card["counts"]["opened"], card["counts"]["on_time"], card["on_time_rate"]) == (
        "ecology",
        1,
        1,
        1,
    )
    assert [one["start"] for one in clerk.get("/api/scores/ecology?to=2026-03-02").json()] == ["2026-03-01"]
    assert clerk.get("/api/scores/housing?to=2026-03-02").status_code == 404
    assert chief.get("/api/scores?from=2026-03-31&to=2026-03-01").status_code == 422
    assert chief.get("/api/bulletin.docx?from=2026-03-02&to=2026-03-08").content[:2] == b"PK"
    assert clerk.get("/api/bulletin.html?from=2026-03-02&to=2026-03-08").status_code == 403
    assert "督办单" in chief.get(f"/api/cases/{number}/supervision.html").text


def test_notices_are_read_by_accounts_and_seen_by_keys(chief: Program, clerk: Program, casework: Client) -> None:
    chief.post("/api/cases", MATTER)
    (notice,) = clerk.get("/api/notices").json()
    assert (notice["unit"], notice["what"], notice["unread"]) == ("ecology", "case.opened", True)
    assert clerk.post("/api/notices/read", {"up_to": notice["id"]}).status_code == 403
    browser = signed_in(casework, "demo-ecology")
    csrf = _csrf(browser)
    read = browser.client.post("/api/notices/read", json={"up_to": notice["id"]}, headers={"x-csrf-token": csrf})
    assert read.status_code == 204
    assert [one["unread"] for one in browser.get("/api/notices").json()] == [False]


def _csrf(browser: Browser) -> str:
    return browser.get("/cases").text.split('name="csrf" value="')[1].split('"')[0]


def test_saved_filters_of_a_program_are_its_own(chief: Program, clerk: Program) -> None:
    saved = chief.post("/api/case-filters", {"name": "红灯", "query": "?light=red&evil=1"})
    assert saved.json()["query"] == "light=red"
    assert clerk.get("/api/case-filters").json() == []
    address = f"/api/case-filters/{saved.json()['id']}"
    assert clerk.client.delete(address, headers=clerk.headers).status_code == 404
    gone = chief.client.delete(address, headers=chief.headers)
    assert (gone.status_code, chief.get("/api/case-filters").json()) == (204, [])


def test_excel_goes_round_for_a_program_too(chief: Program) -> None:
    number = chief.post("/api/cases", MATTER).json()["case"]["number"]
    content = chief.get("/api/case-types/13710/cases.xlsx").content
    same = multipart(chief, "/api/case-types/13710/sheet", {"file": ("a.xlsx", content)}).json()
    assert (same["done"], same["same"], same["opened"]) == (True, 1, [])
    rows = CalamineWorkbook.from_filelike(io.BytesIO(chief.get("/api/cases.xlsx").content)).get_sheet_by_index(0)
    assert rows.to_python()[1][0] == number
    assert chief.get("/api/case-types/nothing/cases.xlsx").status_code == 422
    bad = multipart(chief, "/api/case-types/13710/sheet", {"file": ("a.xlsx", b"PK")})
    assert bad.json()["key"] == "act.file_type"


def test_the_pipeline_is_told_and_only_of_types_that_have_one(chief: Program) -> None:
    project = {"type": "project", "fields": {"title": "甲园", "year_plan_yuan": 300, "year_done_yuan": 90}}
    assert chief.post("/api/cases", project).status_code == 201
    (step,) = chief.get("/api/case-types/project/pipeline").json()
    assert step == {"step": "idea", "cases": 1, "planned_yuan": 300, "done_yuan": 90, "blockers": 0}
    assert chief.get("/api/case-types/13710/pipeline").status_code == 404


def test_the_public_follows_and_rates_without_a_key(casework: Client) -> None:
    form = {"f.title": "暖气不热", "f.description": "家里不热", "f.kind": "help", "f.topic": "other"}
    page = Browser(casework).post("/ask/hotline", **form).text
    number, code = (page.split(f'id="{name}">')[1].split("<")[0] for name in ("number", "code"))
    told = casework.post("/api/follow", json={"number": number, "code": code}).json()
    assert (told["number"], told["step"], told["may_rate"]) == (number, "received", False)
    assert "description" not in told["fields"]
    assert casework.post("/api/follow", json={"number": number, "code": "0000000000"}).status_code == 403
    assert casework.post("/api/follow", json={"number": number, "code": code, "rating": 5}).status_code == 409
