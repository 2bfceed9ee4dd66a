import json

from tests.cli.conftest import Command
from tests.store.readings import Draft, keep

from bihuan.store.connect import Store


def test_a_sound_log_is_0(bihuan: Command, store: Store) -> None:
    keep(store, Draft("a.txt").does("建成", "医院"), Draft("b.txt").does("建成", "学校"))
    assert bihuan("audit", "verify") == (0, "verified: 2 events in 2 streams\n", "")
    assert json.loads(bihuan("audit", "verify", "--json")[1]) == {"events": 2, "streams": 2, "broken": None}


def test_a_tampered_log_is_1_and_the_first_broken_event_is_named(bihuan: Command, store: Store) -> None:
    draft = Draft("a.txt").does("建成", "医院")
    keep(store, draft)
    with store.connection() as connection:
        connection.execute("alter table event disable trigger user")
        connection.execute("update event set actor = 'somebody else'")
    stream = f"document:{draft.reading().document.sha256}"
    told = f"{stream} #1: its content does not match its hash"
    assert bihuan("audit", "verify") == (1, "", f"bihuan: the event log is broken at {told}\n")
    code, out, _ = bihuan("audit", "verify", "--json")
    assert (code, json.loads(out)["broken"]) == (1, told)
