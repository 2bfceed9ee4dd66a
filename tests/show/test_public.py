"""The public lists: what a type makes public stands there for everybody, and nothing else of a case."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from PIL import Image
from tests.show.browsing import Client
from tests.show.casework import NOW, Browser

from bihuan.act import evidence
from bihuan.act.command import Command, Opening
from bihuan.core.records.principal import Principal
from bihuan.store.connect import Store

OFFICE = Principal("account:81", "督查", "government-office", frozenset({"supervisor"}), "city")
HOUSING = Principal("account:82", "住建", "housing", frozenset({"handler"}))


def _png(colour: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(written, "PNG")
    return written.getvalue()


PNG, SECOND = _png("red"), _png("blue")


@pytest.fixture
def matter(casework: Client, store: Store) -> Mapping[str, str]:
    """A matter of people's livelihood with a photograph of its progress, and one that stays inside."""
    engine = casework.app.state.engine
    values = {"title": "新建公园", "list": "city", "year": 2026, "what": "一处，三公顷", "due": "2026-12-31"}
    with store.connection() as connection:
        case = engine.open(connection, OFFICE, Opening("livelihood", values, lead="housing"), NOW).case
        case = engine.act(connection, OFFICE, case.number, Command("assign", 1, lead="housing"), NOW)
        kept = evidence.keep(connection, PNG, "工地.png", NOW)
        paper = evidence.keep(connection, "内部".encode(), "内部.txt", NOW)
        told = Command("report", case.version, note="内部说明", values={"progress": 30}, evidence=(kept, paper))
        engine.act(connection, HOUSING, case.number, told, NOW)
    return {"number": case.number, "photograph": kept.sha256, "paper": paper.sha256}


def test_everybody_sees_the_list_the_progress_and_its_photographs(casework: Client, matter: Mapping[str, str]) -> None:
    visitor = Browser(casework)
    assert "/public/livelihood" in visitor.get("/public").text
    page = visitor.get("/public/livelihood").text
    for text in ("新建公园", "市定", "30 %", "2026-12-31"):
        assert text in page
    page = visitor.get(f"/public/cases/{matter['number']}").text
    for text in ("一处，三公顷", "进展照片", "工地.png"):
        assert text in page
    picture = visitor.get(f"/public/cases/{matter['number']}/photographs/{matter['photograph']}")
    assert picture.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(picture.content)) as image:
        assert image.size == (8, 8)
    assert picture.headers["x-content-type-options"] == "nosniff"


def test_what_is_not_public_stays_inside(casework: Client, matter: Mapping[str, str], store: Store) -> None:
    visitor, number = Browser(casework), matter["number"]
    page = visitor.get(f"/public/cases/{number}").text
    for text in ("内部说明", "内部.txt", "住建"):
        assert text not in page
    assert visitor.get(f"/public/cases/{number}/photographs/{matter['paper']}").status_code == 404
    engine = casework.app.state.engine
    with store.connection() as connection:
        secret = engine.open(connection, OFFICE, Opening("13710", {"title": "甲", "requirement": "乙"}), NOW).case
    assert visitor.get(f"/public/cases/{secret.number}").status_code == 404
    assert visitor.get("/public/13710").status_code == 404
    assert visitor.get("/public/hotline").status_code == 404
    assert "/public/13710" not in visitor.get("/public").text


def test_photographs_are_shown_only_where_the_type_says_so(casework: Client, store: Store) -> None:
    engine = casework.app.state.engine
    planner = Principal("account:83", "项目办", "development-reform", frozenset({"supervisor", "handler"}), "city")
    with store.connection() as connection:
        opening = Opening("project", {"title": "甲园"}, lead="development-reform")
        number = engine.open(connection, planner, opening, NOW).case.number
        engine.act(connection, planner, number, Command("to-reserve", 1), NOW)
        kept = evidence.keep(connection, SECOND, "协议.png", NOW)
        engine.act(connection, planner, number, Command("sign", 2, evidence=(kept,)), NOW)
    visitor = Browser(casework)
    assert "签约" in visitor.get(f"/public/cases/{number}").text
    assert "协议.png" not in visitor.get(f"/public/cases/{number}").text
    assert visitor.get(f"/public/cases/{number}/photographs/{kept.sha256}").status_code == 404


def test_programs_get_the_same(casework: Client, matter: Mapping[str, str]) -> None:
    (row,) = casework.get("/api/public/livelihood").json()["items"]
    assert (row["number"], row["fields"]["progress"]) == (matter["number"], 30)
    told = casework.get(f"/api/public/cases/{matter['number']}").json()
    assert told["photographs"] == [f"/public/cases/{matter['number']}/photographs/{matter['photograph']}"]
    assert "note" not in str(told)
    assert casework.get("/api/public/hotline").status_code == 404
