"""Personal data: sealed at rest, shown by role, absent everywhere else, erased while the chain still verifies."""

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.act.conftest import CITIZEN, HOTLINE, HOUSING, Office, at

from bihuan.act.command import Command, Opening
from bihuan.act.engine import Engine
from bihuan.act.personal import Key, KeyRing, load_keys, new_key_file
from bihuan.act.plain_text import masked, redacted
from bihuan.core.errors import ForbiddenError, InputError, MissingError, StateError
from bihuan.core.records.principal import Principal
from bihuan.store import events
from bihuan.store.connect import Store

VALUES = {
    "title": "暖气不热",
    "description": "家住三单元，电话13800138000，王大明",
    "topic": "heating",
    "reporter": "王大明",
    "phone": "13800138000",
    "address": "北山路九号",
}
SECRET = ("王大明", "13800138000", "北山路九号")


def everything(store: Store) -> str:
    """All the database holds, as text."""
    with store.connection() as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'bihuan'"
        ).fetchall()
        rows = [connection.execute(f'select * from "{name}"').fetchall() for (name,) in tables]  # type: ignore[arg-type]
    return str(rows)


def test_nothing_personal_is_stored_in_the_clear_or_logged(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    opened = office.open(CITIZEN, Opening("hotline", VALUES))
    office.act(HOTLINE, opened.case.number, Command("dispatch", 1))
    stored = everything(office.store)
    assert opened.case.number in stored
    assert not [secret for secret in SECRET if secret in stored]
    assert not [secret for secret in SECRET if secret in caplog.text]


def test_a_description_keeps_a_copy_without_what_is_personal(office: Office) -> None:
    case = office.open(CITIZEN, Opening("hotline", VALUES)).case
    assert case.values["description"] == "家住三单元，电话***，***"
    assert "phone" not in case.values


def test_who_has_the_role_sees_it_whole_and_others_masked(office: Office) -> None:
    number = office.open(CITIZEN, Opening("hotline", VALUES)).case.number
    watcher = Principal("account:w", "w", "government-office", frozenset({"supervisor"}), "city")
    with office.store.connection() as connection:
        for who in (HOTLINE, HOUSING, CITIZEN):
            seen = office.engine.view(connection, who, number)
            assert seen.personal["phone"] == "13800138000"
        seen = office.engine.view(connection, watcher, number)
    assert (seen.personal["phone"], seen.personal["reporter"]) == ("138****8000", "王**")
    assert seen.unmasked == frozenset()


def test_the_public_follows_and_rates_by_number_and_code(office: Office) -> None:
    opened = office.open(CITIZEN, Opening("hotline", VALUES))
    assert opened.code is not None
    with office.store.connection() as connection:
        who = office.engine.follower(connection, opened.case.number, opened.code)
        assert office.engine.load(connection, who, opened.case.number) == opened.case
        another = office.engine.open(connection, CITIZEN, Opening("hotline", VALUES), at("2026-03-02T09:00"))
        with pytest.raises(MissingError):  # the code of one case shows no other of the same opener
            office.engine.load(connection, who, another.case.number)
        with pytest.raises(ForbiddenError, match="do not belong together"):
            office.engine.follower(connection, opened.case.number, "0000000000")


def test_after_the_time_of_keeping_it_is_gone_and_the_chain_verifies(office: Office) -> None:
    number = office.open(CITIZEN, Opening("hotline", VALUES)).case.number
    office.act(HOTLINE, number, Command("dispatch", 1))
    office.act(HOUSING, number, Command("accept", 2))
    office.act(HOUSING, number, Command("apply", 3, values={"reply": "已修"}))
    office.act(HOTLINE, number, Command("close", 4, values={"verified": "solved"}), "2026-03-03T09:00")
    with office.store.connection() as connection:
        assert office.engine.erase_expired(connection, at("2028-03-01T09:00")) == 0
        assert office.engine.erase_expired(connection, at("2028-03-03T09:00")) == 4
        assert office.engine.erase_expired(connection, at("2028-03-03T09:00")) == 0
        assert office.engine.view(connection, HOTLINE, number).personal == {}
        assert connection.execute("select count(*) from act_personal").fetchone() == (0,)
        assert events.verify(connection).broken is None
        last = events.latest(connection, stream=f"case:{number}", limit=1)[0]
    assert (last.type, last.body["fields"]) == ("case.erased", ["address", "description", "phone", "reporter"])
    assert office.load(number).personal == ()


def test_a_reopened_case_keeps_it(office: Office) -> None:
    number = office.open(CITIZEN, Opening("hotline", VALUES)).case.number
    office.act(HOTLINE, number, Command("dispatch", 1))
    office.act(HOUSING, number, Command("accept", 2))
    office.act(HOUSING, number, Command("apply", 3, values={"reply": "已修"}))
    office.act(HOTLINE, number, Command("close", 4, values={"verified": "solved"}), "2026-03-03T09:00")
    office.act(CITIZEN, number, Command("rate", 5, rating=1), "2026-03-04T09:00")
    with office.store.connection() as connection:
        assert office.engine.erase_expired(connection, at("2030-01-01T09:00")) == 0


def test_without_a_key_file_a_personal_value_is_refused_with_the_way_out(office: Office) -> None:
    bare = Engine(office.engine.types, office.engine.calendar, office.engine.units)
    with pytest.raises(InputError, match="bihuan account key new"), office.store.connection() as connection:
        bare.open(connection, CITIZEN, Opening("hotline", VALUES), at("2026-03-02T09:00"))
    with office.store.connection() as connection:
        assert connection.execute("select count(*) from act_case").fetchone() == (0,)


@pytest.mark.parametrize("algorithm", ["aes", "sm4"])
def test_a_sealed_value_opens_only_in_its_place_and_whole(tmp_path: Path, algorithm: str) -> None:
    path = tmp_path / "k"
    new_key_file(path, algorithm)  # type: ignore[arg-type]
    ring = load_keys(path)
    assert ring is not None
    key_id, sealed = ring.seal("王大明", "RX1/reporter")
    assert "王大明".encode() not in sealed
    assert ring.open(key_id, sealed, "RX1/reporter") == "王大明"
    for about, content in (("RX2/reporter", sealed), ("RX1/reporter", sealed[:-1] + bytes([sealed[-1] ^ 1]))):
        with pytest.raises(StateError):
            ring.open(key_id, content, about)


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    old, new = Key("old", "aes", b"o" * 32), Key("new", "sm4", b"n" * 16)
    key_id, sealed = KeyRing([old]).seal("x", "a")
    ring = KeyRing([new, old])
    assert ring.open(key_id, sealed, "a") == "x"
    assert ring.seal("x", "a")[0] == "new"
    with pytest.raises(StateError, match="not in the key file"):
        KeyRing([new]).open(key_id, sealed, "a")
    assert "oooo" not in repr(old)


def test_a_key_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "k"
    new_key_file(path)
    with pytest.raises(InputError, match="exists already"):
        new_key_file(path)
    path.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        load_keys(path)
    path.chmod(0o600)
    path.write_text("aes:short\n")
    with pytest.raises(InputError, match="32 bytes"):
        load_keys(path)


mobile = st.from_regex(r"1[3-9]\d{9}", fullmatch=True)


@given(st.text("甲乙丙，。 ", max_size=20), mobile, st.text("甲乙丙，。 ", max_size=20))
def test_no_mobile_number_survives_redaction(before: str, number: str, after: str) -> None:
    assert number not in redacted(before + number + after)
    assert number not in masked(number)
