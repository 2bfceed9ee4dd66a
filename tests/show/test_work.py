"""My work: what waits for one's own unit, on its side, until it has been done."""

from __future__ import annotations

import re

from tests.show.browsing import Client
from tests.show.casework import Browser, signed_in
from tests.show.test_supervision import opened

from bihuan.store.connect import Store


def rows(page: str, side: str) -> list[str]:
    """Return the numbers of the cases that wait on one side, in order."""
    if f'id="{side}"' not in page:
        return []
    section = page.split(f'<h2 class="pad" id="{side}">')[1].split("</section>")[0]
    return re.findall(r'href="/cases/([^"/?]+)"', section)


def act(browser: Browser, number: str, action: str, **form: str) -> None:
    browser.get(f"/cases/{number}")
    assert browser.post(f"/cases/{number}", action=action, **form).status_code == 303


def test_a_case_waits_for_the_unit_whose_turn_it_is(casework: Client, store: Store) -> None:
    number = opened(casework, store, "供热管网改造", "housing")
    other = opened(casework, store, "河道排口整治", "ecology")
    chief, clerk = signed_in(casework, "demo-chief"), signed_in(casework, "demo-housing")
    assert '<a class="button" href="/work">我的工作' in clerk.get("/cases").text
    page = clerk.get("/work").text
    assert rows(page, "lead") == [number]
    assert "签收" in page
    assert rows(page, "office") == []
    assert rows(chief.get("/work").text, "office") == []
    act(clerk, number, "accept")
    page = clerk.get("/work").text
    assert rows(page, "lead") == [number]
    assert "申请销号" in page
    assert rows(clerk.get("/work?mine=1").text, "lead") == [number]
    with store.connection() as connection:
        connection.execute("update act_case set step = 'applied' where number = %s", [number])
    assert rows(clerk.get("/work").text, "lead") == []
    page = chief.get("/work").text
    assert rows(page, "office") == [number]
    assert "核验评级" in page
    assert other not in page


def test_one_side_is_narrowed_by_light_and_paged(casework: Client, store: Store) -> None:
    late = opened(casework, store, "供热管网改造", "housing", days_ago=20)
    fresh = opened(casework, store, "供水管网改造", "housing")
    clerk = signed_in(casework, "demo-housing")
    page = clerk.get("/work").text
    assert rows(page, "lead") == [late, fresh]
    assert "其中 1 件已逾期" in page
    assert rows(clerk.get("/work?side=lead&light=green&light=red").text, "lead") != []
    lights = re.findall(r"/work\?side=lead&amp;light=(\w+)", page)
    told = [number for light in lights for number in rows(clerk.get(f"/work?side=lead&light={light}").text, "lead")]
    assert sorted(told) == sorted([late, fresh])
    assert rows(clerk.get("/work?side=nonsense&light=red").text, "lead") == [late, fresh]
    assert clerk.get("/work?side=lead&after=nonsense").status_code == 422


def test_without_an_account_there_is_no_work(casework: Client) -> None:
    assert casework.get("/work").status_code == 303


def test_programs_are_told_what_waits(casework: Client, store: Store) -> None:
    number = opened(casework, store, "供热管网改造", "housing")
    clerk, chief = signed_in(casework, "demo-housing"), signed_in(casework, "demo-chief")
    answer = clerk.get("/api/work/lead").json()
    assert [row["number"] for row in answer["items"]] == [number]
    assert answer["count"] == {"cases": 1, "more": False}
    assert clerk.get("/api/work/lead?mine=true").json()["items"] == []
    assert chief.get("/api/work/office").json()["items"] == []
    assert clerk.get("/api/work/nobody").status_code == 422
