"""Rules in the cockpit: read, changed with a check line by line, tried beside the server, switched, brought back."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.show.browsing import Client, browsing
from tests.show.casework import NOW, Browser

from bihuan.act import demo_accounts
from bihuan.act.personal import new_key_file
from bihuan.core.records.observation import Incoming, Layout
from bihuan.sense.simulation.small_city import SmallCity
from bihuan.show.app import create_app
from bihuan.show.settings import Settings
from bihuan.show.trials import Trials
from bihuan.store import entities, events
from bihuan.store.connect import Store
from bihuan.store.lake import Lake
from bihuan.store.observations import ObservationWriter
from bihuan.store.packs import load_pack


@pytest.fixture
def store(store: Store) -> Store:
    """A store at a fixed hour: budgets, days and spans are the same whenever this runs, on New Year's Day too."""
    return replace(store, clock=lambda: NOW)


@pytest.fixture
def city(store: Store, tmp_path: Path) -> SmallCity:
    made = SmallCity(store, load_pack("yangquan").folder, Lake(tmp_path / "lake"), share=0.02)
    made.fill()
    return made


@pytest.fixture
def client(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    new_key_file(tmp_path / "personal.key")
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(tmp_path / "personal.key"))
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path))
    app = create_app(store, Settings(), load_pack("yangquan"))
    with store.connection() as connection:
        demo_accounts.make(connection, app.state.engine, store.clock())
    with browsing(app) as opened:
        yield opened
    app.state.trials.close()


@pytest.fixture
def keeper(client: Client) -> Browser:
    browser = Browser(client)
    browser.sign_in("demo-operator")
    return browser


def _text(page: str) -> str:
    found = re.search(r'<textarea class="code"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert found is not None
    return html.unescape(found[1])


def test_every_rule_is_there_and_a_missing_one_is_told(client: Client) -> None:
    page = client.get("/rules").text
    assert page.count('data-row="r-') >= 18
    assert "登录后可修改规则" in page
    assert client.get("/rules/nothing").status_code == 404
    assert client.get("/rules/mine-gas/trials/77").status_code == 404


def test_only_who_may_change_rules_changes_them(client: Client, store: Store) -> None:
    assert client.get("/rules/mine-gas/edit").headers["location"].startswith("/sign-in")
    assert client.post("/rules/mine-gas/switch", data={"active": "false", "version": "0"}).status_code == 303
    handler = Browser(client)
    handler.sign_in("demo-ecology")
    assert handler.get("/rules/mine-gas/edit").status_code == 403
    assert handler.post("/rules/mine-gas/switch", active="false", version="0").status_code == 403
    keeper = Browser(client)
    keeper.sign_in("demo-operator")
    assert keeper.client.post("/rules/mine-gas/switch", data={"active": "false", "version": "0"}).status_code == 403
    with store.connection() as connection:
        assert events.latest(connection, stream="rule:mine-gas") == []


def test_a_change_is_checked_kept_and_brought_back(client: Client, keeper: Browser, store: Store) -> None:
    keeper.get("/rules/mine-gas/edit")
    text = _text(keeper.page)
    wrong = keeper.post(
        "/rules/mine-gas/edit", act="save", text=text.replace("methane_percent >= 0.8", "methane_percent >=")
    )
    assert wrong.status_code == 422
    assert "第 4 行" in wrong.text
    assert "与数据包一致" in client.get("/rules/mine-gas").text
    assert "规则无误" in keeper.post("/rules/mine-gas/edit", act="check", text=text.replace("0.8", "0.9")).text
    assert (
        keeper.post("/rules/mine-gas/edit", act="save", text=text.replace("id: mine-gas", "id: other")).status_code
        == 422
    )
    assert keeper.post("/rules/mine-gas/edit", act="save", text=text.replace("0.8", "0.9")).status_code == 303
    keeper.get("/rules/mine-gas")
    assert "methane_percent &gt;= 0.9" in keeper.page
    assert "本地已改" in keeper.page
    assert keeper.post("/rules/mine-gas/switch", active="false").status_code == 303
    keeper.get("/rules/mine-gas")
    again = keeper.post("/rules/mine-gas/switch", active="false", version="1")  # by a form of before
    assert again.status_code == 409
    keeper.get("/rules/mine-gas")
    assert keeper.post("/rules/mine-gas/restore", to="0").status_code == 303
    keeper.get("/rules/mine-gas")
    assert "<code>methane_percent &gt;= 0.8</code>" in keeper.page
    assert keeper.post("/rules/mine-gas/restore", to="9").status_code == 404
    with store.connection() as connection:
        told = events.latest(connection, stream="rule:mine-gas")
    assert [one.type for one in told] == ["rule.restored", "rule.switched_off", "rule.changed"]
    assert all(one.actor.startswith("account:") for one in told)
    assert 'href="/rules/mine-gas"' in client.get("/events").text


@pytest.mark.parametrize(
    ("wrong", "chinese", "english"),
    [
        (("severity: serious", "severity: loud"), "不在可选值之内", "is none of info"),
        (("methane_percent >= 0.8", "methane_percent >="), "不是有效的 CEL 表达式", "is no CEL"),
        (("methane_percent >= 0.8", "methane_percent * 2 > 1.0"), "写成 2.0", "write 2.0 for 2"),
        (("methane_percent >= 0.8", "1.0 > 0.5"), "没有用到任何测点", "looks at no attribute"),
        (
            ("methane_percent >= 0.8", "inside('nowhere', 1.0, 2.0) || methane_percent > 100.0"),
            "不存在的名称",
            "there is not",
        ),
        (("name:", "names:"), "没有这个字段", "is no field here"),
        (("id: mine-gas", "id: Mine Gas"), "不能作为标识", "is no identifier"),
        (("id: mine-gas", "id: other"), "标识不能改", "its id stays"),
        (("id: mine-gas", "- id: mine-gas"), "YAML", "YAML"),
    ],
)
def test_what_is_wrong_with_a_rule_is_told_in_the_readers_language(
    keeper: Browser, wrong: tuple[str, str], chinese: str, english: str
) -> None:
    keeper.get("/rules/mine-gas/edit")
    assert wrong[0] in _text(keeper.page)
    text = _text(keeper.page).replace(*wrong)
    assert chinese in html.unescape(keeper.post("/rules/mine-gas/edit", act="check", text=text).text)
    keeper.client.post("/preferences", data={"language": "en"})
    keeper.get("/rules/mine-gas/edit")
    assert english in html.unescape(keeper.post("/rules/mine-gas/edit", act="check", text=text).text)


def test_a_new_rule_is_made_and_its_name_is_its_own(keeper: Browser) -> None:
    keeper.get("/rules/new")
    text = _text(keeper.page)
    assert keeper.post("/rules/new/edit", act="save", text=text).status_code == 422
    filled = text.replace('name: ""', "name: 偏高").replace('source: ""', "source: own").replace("my-rule", "our-pm25")
    taken = keeper.post("/rules/new/edit", act="save", text=filled.replace("our-pm25", "air-pm25"))
    assert taken.status_code == 422
    assert keeper.post("/rules/new/edit", act="save", text=filled).headers["location"] == "/rules/our-pm25"
    assert "本地新建" in keeper.get("/rules/our-pm25").text


def _ended(client: Client, address: str) -> str:
    while "hx-redirect" not in client.get(f"{address}/state").headers:  # or until the time of the test has run out
        time.sleep(0.1)
    return client.get(address).text


def test_a_rule_is_tried_beside_the_server_and_tells_what_it_would_have_raised(
    client: Client, keeper: Browser, city: SmallCity, store: Store
) -> None:
    with store.connection() as connection:
        number = next(iter(entities.listed(connection, type="MineFace")))
    now = store.clock()
    writer = ObservationWriter(store.connect())
    layout = Layout(("methane_percent",), ("%",))
    rising = [Incoming(number, now - timedelta(minutes=8 - n), "now", n, layout, [value])
              for n, value in enumerate((0.2, 3.9, 3.95, 0.2, 3.85))]  # fmt: skip
    writer.write(rising, at=now, door="test")
    writer.close()
    keeper.get("/rules/mine-gas/edit")
    text = _text(keeper.page).replace("0.8", "3.0").replace("0.7", "2.0")
    asked = keeper.post("/rules/mine-gas/trials", text=text, days="1")
    assert asked.status_code == 303
    page = _ended(client, asked.headers["location"])
    told = re.search(r"会发出 (\d+) 个信号", page)
    assert told is not None
    assert int(told[1]) == page.count('data-row="b') == 2
    keeper.get(asked.headers["location"])
    kept = _text(keeper.post("/rules/mine-gas/edit", act="edit", text=text).text)
    assert "methane_percent >= 3.0" in kept
    plain = client.post("/rules/energy-pace/trials", data={"days": "7"})
    assert "个信号" in _ended(client, plain.headers["location"])


def test_a_trial_can_be_cancelled_and_the_server_ends_it(store: Store, client: Client, city: SmallCity) -> None:
    trials: Trials = client.app.state.trials
    with store.connect() as holding:
        holding.execute("lock table observation in access exclusive mode")  # however fast a trial is, it has to wait
        first = client.post("/rules/mine-gas/trials", data={"days": "30"}).headers["location"]
        second = client.post("/rules/mine-gas/trials", data={"days": "30"}).headers["location"]
        assert client.post(f"{second}/cancel").status_code == 303
        assert "已取消" in client.get(second).text
        client.post(f"{first}/cancel")
        trials.close()
    assert [one.status for one in trials._known.values()] == ["cancelled", "cancelled"]
