"""The pipeline of projects: money and blockers by step and by project, the lists, a blocker opened from its project."""

from __future__ import annotations

import io
import re

import pytest
from python_calamine import CalamineWorkbook
from tests.show.browsing import Client
from tests.show.casework import Browser, signed_in


@pytest.fixture
def one(casework: Client) -> Browser:
    """Who opens projects."""
    return signed_in(casework, "demo-planner")


@pytest.fixture
def energy(casework: Client) -> Browser:
    """Who leads them."""
    return signed_in(casework, "demo-energy")


def done(browser: Browser, number: str, files: dict[str, object] | None = None, **form: str) -> None:
    browser.get(f"/cases/{number}")
    answer = browser.post(f"/cases/{number}", files, **form)
    assert answer.status_code == 303, answer.text


def project(browser: Browser, title: str, planned: str, **more: str) -> str:
    browser.get("/cases/new/project")
    form = {"f.title": title, "f.year_plan_yuan": planned, **more}
    made = browser.post("/cases/new/project", lead="energy", **form)
    assert made.status_code == 303
    return made.headers["location"].rpartition("/")[2]


def test_money_is_added_up_by_step_and_shown_by_project(one: Browser, energy: Browser) -> None:
    first, second = project(one, "甲园", "300000000"), project(one, "乙园", "100000000")
    done(energy, first, action="report", note="进展", **{"f.year_done_yuan": "80000000"})
    done(energy, second, action="to-reserve")
    board = one.get("/cases/board").text
    whole, columns = board.split('class="board"')
    assert "计划 4 亿元，完成 8,000 万元 <b>20&nbsp;%</b>" in whole
    idea, reserve = (columns.split(f'id="step-{step}"')[1].split("</section>")[0] for step in ("idea", "reserve"))
    assert "计划 3 亿元，完成 8,000 万元 <b>27&nbsp;%</b>" in idea
    assert "计划 3 亿元，完成 8,000 万元</p>" in idea.split("<article")[1]
    assert "计划 1 亿元，完成 0 元" in reserve


def test_a_blocker_is_opened_from_its_project_counted_and_solved(one: Browser, energy: Browser) -> None:
    number = project(one, "甲园", "300000000")
    address = re.search(r'href="(/cases/new/13710\?for=[^"]+)"', one.get(f"/cases/{number}").text)
    assert address is not None
    form = {"f.title": "用地手续", "f.requirement": "办结", "for": number, "key": "once"}
    sent = []
    for _ in range(2):  # pressed twice
        one.get(address[1])
        sent.append(one.post("/cases/new/13710", lead="energy", **form).headers["location"])
    assert sent[0] == sent[1]
    blocker = sent[0].rpartition("/")[2]
    assert "受阻于" in one.get(f"/cases/{number}").text
    assert "阻碍" in one.get(f"/cases/{blocker}").text
    idea = one.get("/cases/board").text.split('id="step-idea"')[1].split("</section>")[0]
    assert "1 个未解决堵点" in idea
    assert f'href="/cases/{blocker}"' in idea
    assert blocker in one.get("/cases/lists/project").text
    done(energy, blocker, action="accept")
    done(energy, blocker, {"files": ("a.txt", "办结".encode())}, action="apply", note="办完", **{"f.result": "成"})
    done(one, blocker, action="review", note="属实", grade="良好")
    done(one, blocker, action="close")
    assert "堵点" not in one.get("/cases/board").text
    assert blocker not in one.get("/cases/lists/project").text


def test_a_case_is_not_opened_for_one_it_cannot_be_linked_to(one: Browser, casework: Client) -> None:
    number = project(one, "甲园", "1")
    chief = signed_in(casework, "demo-chief")
    chief.get("/cases/new/13710")
    form = {"f.title": "用地手续", "f.requirement": "办结", "for": number}
    refused = chief.post("/cases/new/13710", **form)
    assert refused.status_code == 422
    assert f"不能为 {number} 关联事项" in refused.text
    assert "用地手续" not in chief.get("/cases?type=13710").text


def test_the_five_lists_stand_side_by_side_and_go_out(one: Browser) -> None:
    lists = {"goal": "年内投产", "tasks": "三项任务", "duties": "项目办牵头", "problems": "用地", "measures": "专班"}
    project(
        one, "甲园", "1", **{f"f.{name}": text for name, text in lists.items() if name in ("goal", "tasks", "duties")}
    )
    page = one.get("/cases/lists/project").text
    for title in ("目标清单", "任务清单", "责任清单", "问题清单", "措施清单"):
        assert f">{title}</th>" in page
    assert "年内投产" in page
    assert "年内投产" not in one.get("/cases/lists/project?step=signed").text
    assert one.get("/cases/lists/13710").status_code == 404
    content = one.get("/cases/lists/project/lists.xlsx").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0] == ["项目名称", "目标清单", "任务清单", "责任清单", "问题清单", "措施清单"]
    assert rows[1][:4] == ["甲园", "年内投产", "三项任务", "项目办牵头"]


def test_a_unit_adds_up_its_own_projects_only(one: Browser, casework: Client) -> None:
    project(one, "甲园", "300000000")
    housing = signed_in(casework, "demo-housing").get("/cases/board").text
    assert "亿元" not in housing
    assert "甲园" not in housing
