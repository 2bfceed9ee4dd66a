"""The casework API: keys and sessions, the whole way of a case, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from httpx import Response
from tests.show.browsing import Client
from tests.show.casework import NOW, signed_in

from bihuan.act import accounts
from bihuan.act.accounts import Grant
from bihuan.core.records.principal import Scope
from bihuan.store import case_conditions
from bihuan.store.connect import Store

PICTURE = ("现场.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
MATTER = {"type": "13710", "fields": {"title": "河道排口整治", "requirement": "查清并封堵"}, "lead": "ecology"}


class Program:
    """A program with an API key."""

    def __init__(self, client: Client, key: str) -> None:
        self.client = client
        self.headers = {"authorization": f"Bearer {key}"}

    def get(self, path: str) -> Response:
        return self.client.get(path, headers=self.headers)

    def post(self, path: str, body: dict[str, Any], **headers: str) -> Response:
        return self.client.post(path, json=body, headers={**self.headers, **headers})

    def prove(self, number: str, command: dict[str, Any]) -> Response:
        form = {"command": json.dumps(command)}
        files = {"files": PICTURE}
        return self.client.post(f"/api/cases/{number}/evidence", data=form, files=files, headers=self.headers)


@pytest.fixture
def programs(casework: Client, store: Store) -> dict[str, Program]:
    """A supervisor's program, a handler's, and one that may only read."""
    units = casework.app.state.engine.units
    wanted: dict[str, tuple[str, str, Scope, tuple[Grant, ...]]] = {
        "chief": ("government-office", "supervisor", "city", ("read", "write")),
        "clerk": ("ecology", "handler", "own", ("read", "write")),
        "reader": ("housing", "handler", "own", ("read",)),
    }
    made = {}
    with store.connection() as connection:
        for name, (unit, role, scope, grants) in wanted.items():
            key = accounts.create_key(connection, name, unit, [role], scope, grants, units, actor="account:1", now=NOW)
            made[name] = Program(casework, key)
    return made


def test_a_case_goes_from_opening_to_its_report(programs: dict[str, Program]) -> None:
    chief, clerk = programs["chief"], programs["clerk"]
    opened = chief.post("/api/cases", MATTER)
    assert opened.status_code == 201, opened.text
    number = opened.json()["case"]["number"]
    assert opened.headers["location"] == f"/api/cases/{number}"
    seen = clerk.get(f"/api/cases/{number}").json()
    assert "accept" in seen["may"]
    accepted = clerk.post(f"/api/cases/{number}/actions", {"action": "accept", "version": seen["case"]["version"]})
    assert accepted.status_code == 200, accepted.text
    command = {"action": "report", "version": accepted.json()["version"], "note": "已部署"}
    reported = clerk.prove(number, command)
    assert reported.status_code == 200, reported.text
    [reference] = reported.json()["evidence"]
    taken = clerk.get(f"/api/cases/{number}/evidence/{reference['sha256']}")
    assert taken.content == PICTURE[1]
    assert [one["type"] for one in chief.get(f"/api/cases/{number}").json()["history"]][:2] == [
        "case.opened",
        "case.accept",
    ]


def test_lists_are_paged_and_show_only_what_is_the_callers(programs: dict[str, Program]) -> None:
    chief = programs["chief"]
    numbers = [chief.post("/api/cases", MATTER).json()["case"]["number"] for _ in range(3)]
    found, after = [], ""
    while True:
        page = chief.get(f"/api/cases?limit=2{after}").json()
        found += [row["number"] for row in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next'].replace('+', '%2B')}"
    assert sorted(found) == sorted(numbers)
    assert programs["reader"].get("/api/cases").json()["items"] == []
    assert programs["reader"].get(f"/api/cases/{numbers[0]}").status_code == 404


def test_how_many_cases_there_are_is_told_on_request_and_where_counting_ended(
    programs: dict[str, Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    chief = programs["chief"]
    for _ in range(3):
        chief.post("/api/cases", MATTER)
    title = MATTER["fields"]["title"]
    assert chief.get("/api/cases").json()["count"] is None
    assert chief.get("/api/cases?count=true&limit=1").json()["count"] == {"cases": 3, "more": False}
    assert chief.get(f"/api/cases?count=true&q={title}").json()["count"] == {"cases": 3, "more": False}
    monkeypatch.setattr(case_conditions, "MOST_FOUND", 2)
    answer = chief.get(f"/api/cases?count=true&q={title}").json()
    assert answer["count"] == {"cases": 2, "more": True}
    assert len(answer["items"]) == 3


def test_the_same_key_of_a_request_opens_one_case(programs: dict[str, Program]) -> None:
    answers = [programs["chief"].post("/api/cases", MATTER, **{"idempotency-key": "a"}).json() for _ in range(2)]
    assert answers[0]["case"]["number"] == answers[1]["case"]["number"]
    other = {**MATTER, "lead": "housing"}
    assert programs["chief"].post("/api/cases", other, **{"idempotency-key": "a"}).status_code == 409


def test_the_slower_of_two_learns_what_changed(programs: dict[str, Program]) -> None:
    chief, clerk = programs["chief"], programs["clerk"]
    case = chief.post("/api/cases", MATTER).json()["case"]
    command = {"action": "accept", "version": case["version"]}
    assert clerk.post(f"/api/cases/{case['number']}/actions", command).status_code == 200
    late = clerk.post(f"/api/cases/{case['number']}/actions", command)
    assert (late.status_code, late.headers["content-type"]) == (409, "application/problem+json")
    assert late.json()["key"] == "act.stale"
    assert late.json()["version"] > case["version"]
    assert len(late.json()["changes"]) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**MATTER, "type": "nothing"}, 422),
        ({**MATTER, "titel": "x"}, 422),
        ({**MATTER, "lead": "no-such-unit"}, 422),
        ({"type": "13710", "fields": {}}, 422),
    ],
)
def test_what_does_not_fit_is_a_problem(programs: dict[str, Program], body: dict[str, Any], status: int) -> None:
    answer = programs["chief"].post("/api/cases", body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert programs["chief"].get("/api/cases?state=all").json()["items"] == []


def test_a_disguised_file_is_refused_and_nothing_done(programs: dict[str, Program]) -> None:
    chief, clerk = programs["chief"], programs["clerk"]
    case = chief.post("/api/cases", MATTER).json()["case"]
    form = {"command": json.dumps({"action": "accept", "version": case["version"]})}
    answer = clerk.client.post(
        f"/api/cases/{case['number']}/evidence", data=form, files={"files": ("a.png", b"MZ\0\0")}, headers=clerk.headers
    )
    assert answer.status_code == 422
    assert chief.get(f"/api/cases/{case['number']}").json()["case"]["version"] == case["version"]


def test_who_may_not_is_told_why(casework: Client, programs: dict[str, Program]) -> None:
    assert casework.get("/api/cases").status_code == 401
    assert casework.get("/api/cases").headers["www-authenticate"] == "Bearer"
    assert Program(casework, "bhk_wrong").get("/api/cases").status_code == 401
    refused = programs["reader"].post("/api/cases", MATTER)
    assert (refused.status_code, refused.json()["key"]) == (403, "act.not_granted")
    assert programs["clerk"].post("/api/cases", MATTER).status_code == 403


def test_a_session_reads_and_with_its_token_acts(casework: Client) -> None:
    browser = signed_in(casework, "demo-chief")
    assert browser.get("/api/cases").json()["items"] == []
    assert browser.client.post("/api/cases", json=MATTER).status_code == 403
    browser.get("/cases")
    token = browser.page.partition('name="csrf" value="')[2].partition('"')[0]
    assert browser.client.post("/api/cases", json=MATTER, headers={"x-csrf-token": token}).status_code == 201


def test_the_document_of_the_api_has_it(casework: Client) -> None:
    document = casework.get("/api/openapi.json").json()
    assert {"/api/cases", "/api/cases/{number}/actions", "/api/cases/{number}/evidence"} <= document["paths"].keys()
    assert document["components"]["securitySchemes"]["api_key"]["scheme"] == "bearer"
    assert document["paths"]["/api/cases"]["post"]["security"]


def test_types_say_what_a_program_needs(programs: dict[str, Program]) -> None:
    found = {one["type"]: one for one in programs["chief"].get("/api/case-types").json()}
    assert found["13710"]["may_open"]
    assert found["13710"]["fields"]["title"]["required"]
    assert "report" in found["13710"]["actions"]
    assert found["hotline"]["fields"]["phone"]["personal"]
