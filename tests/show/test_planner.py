"""A plan beside the ledger: a target that it does not reach raises one signal, however often it is solved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.store.test_plans import SUMMARY

from bihuan.read import load_pack
from bihuan.read.intake import take_in
from bihuan.show.planner import Planner, promised, targets
from bihuan.store import plans, signals
from bihuan.store.connect import Store

PROMISED = "2023年政府工作报告\n一、2023年重点工作\n今年，全市发电量达到280亿千瓦时。\n"


def _promise(store: Store, folder: Path) -> None:
    path = folder / "报告.txt"
    path.write_text(PROMISED, encoding="utf-8")
    list(take_in(store, [str(path)], load_pack(None), actor="test"))


def test_a_target_binds_its_own_year_and_those_after(store: Store, tmp_path: Path) -> None:
    _promise(store, tmp_path)
    with store.connection() as connection:
        assert [target.value for target in targets(connection, "power-generated", 2025)] == [28e9]
        assert targets(connection, "power-generated", 2022) == []


def test_a_gap_raises_one_signal(store: Store, tmp_path: Path) -> None:
    _promise(store, tmp_path)
    planner = Planner(store, load_pack(None).folder / "energy")
    for _ in range(2):
        with store.connection() as connection:
            run = plans.ask(connection, "2025", 168, actor="test", at=store.clock())
            plans.take(connection, at=store.clock())
        planner.keep(run, "2025", plans.to_json(replace(SUMMARY, year=2025, scenario="2025")), [])
    with store.connection() as connection:
        (gap,) = promised(connection, planner.folder, run)
        raised = signals.latest(connection)
    assert gap.missing == 28e9 - 10.0 * 2000.0 * 1000
    assert [kept.signal.kind for kept in raised] == ["plan.gap"]
    assert raised[0].signal.values["target"] == 28e9
