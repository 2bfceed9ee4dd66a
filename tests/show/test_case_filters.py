"""Saved filters of the case table: named, one's own, removable, with a way back; no script needed."""

from __future__ import annotations

import html

import pytest
from tests.show.browsing import Client
from tests.show.casework import Browser, signed_in

from bihuan.show.savedfilters import filter_of
from bihuan.store import case_conditions


def save(browser: Browser, address: str, name: str) -> str:
    """Filter, save under a name; return where it leads."""
    page = browser.get(address).text
    assert 'action="/cases/filters"' in page
    kept = page.split('name="query" value="')[1].split('"')[0]
    answer = browser.post("/cases/filters", name=name, query=html.unescape(kept))
    assert answer.status_code == 303
    return answer.headers["location"]


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("?light=red&type=13710", "type=13710&light=red&after=xyz"),
        ("state=open&q=", ""),
        ("light=red&light=yellow", "light=yellow&light=red&light=red"),
        ("evil=1&q=%E4%BE%9B%E7%83%AD", "q=供热"),
    ],
)
def test_filters_that_mean_the_same_are_the_same(address: str, same: str) -> None:
    assert filter_of(address) == filter_of(same)


def test_a_filter_is_saved_used_renewed_and_removed(casework: Client) -> None:
    chief = signed_in(casework, "demo-chief")
    assert "/cases/filters" not in chief.get("/cases").text
    there = save(chief, "/cases?type=13710&state=overdue", "督办逾期")
    page = chief.get(there).text
    assert 'aria-current="true"><span lang="zh-CN">督办逾期' in page
    assert '<a href="/cases">返回全部在办事项' in page
    assert f'href="{html.escape(there)}"' in chief.get("/cases").text
    other = save(chief, "/cases?light=red", "督办逾期")
    assert other == "/cases?light=red"
    page = chief.get(other).text
    assert page.count('lang="zh-CN">督办逾期') == 1
    removal = page.split('action="/cases/filters/')[1].split('"')[0]
    assert chief.post(f"/cases/filters/{removal}").headers["location"] == "/cases"
    assert "督办逾期" not in chief.get("/cases").text


def test_a_filter_is_its_owners_alone(casework: Client) -> None:
    chief, housing = signed_in(casework, "demo-chief"), signed_in(casework, "demo-housing")
    there = save(chief, "/cases?light=red", "我的红灯")
    removal = chief.get(there).text.split('action="/cases/filters/')[1].split('"')[0]
    assert "我的红灯</span></a>" not in housing.get("/cases?q=x").text
    assert housing.post(f"/cases/filters/{removal}").status_code == 404
    assert "我的红灯</span></a>" in chief.get("/cases").text


def test_what_is_no_filter_or_no_name_is_refused_and_said(casework: Client) -> None:
    chief = signed_in(casework, "demo-chief")
    chief.get("/cases?light=red")
    assert "请先筛选列表" in chief.post("/cases/filters", name="空", query="evil=1").text
    chief.get("/cases?light=red")
    assert "必须填写" in chief.post("/cases/filters", name=" ", query="light=red").text
    chief.get("/cases?light=red")
    assert chief.post("/cases/filters", name="<script>", query="light=red").status_code == 422
    chief.get("/cases?light=red")
    assert chief.post("/cases/filters", csrf="forged", name="红", query="light=red").status_code == 403


def test_a_page_says_where_counting_ended(casework: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    chief = signed_in(casework, "demo-chief")
    for title in ("供热管网一", "供热管网二", "供热管网三"):
        chief.get("/cases/new/13710")
        form = {"f.title": title, "f.requirement": "查清", "lead": "ecology"}
        assert chief.post("/cases/new/13710", **form).status_code == 303
    page = chief.get("/cases?q=供热管网").text
    assert "共 3 件" in page
    assert "未全部计数" not in page
    monkeypatch.setattr(case_conditions, "MOST_FOUND", 2)
    page = chief.get("/cases?q=供热管网").text
    assert "超过 2 件" in page
    assert "以下各项数字只是其中 3 件的情况" in page
    assert all(title in page for title in ("供热管网一", "供热管网二", "供热管网三"))
