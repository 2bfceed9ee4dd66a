"""Texts damaged by our own script come back as they were."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from bihuan.read.restore import restore

SCRIPT = Path(__file__).parents[2] / "scripts" / "damage.py"
CLEAN = """关于2023年重点工作的通报
（一）抓项目。面对复杂形势，各县区着力扩大有效投资，随着一批项目开工，制造业投资增长显著，干部作风明显好转。
一是里程碑任务按期完成；二是云计算中心投运，系统上云企业达到320户，比上年多出87户；三是准备充分，冲刺有力。
谷物种植面积稳定在82万亩，面粉加工、制种、松材线虫防治同步推进，余下的困难要逐个克服，历史欠账要一并了结。
县志记载的古庄、钟楼、台地都要修复；著名景点、特色餐饮和周边游要丰富起来，愿景可期。
"""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("damage", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("characters", ["phrases", "taiwan", "naive", "wild", "partial"])
@pytest.mark.parametrize("readings", ["marked", "plain", "wide", "bare", "none"])
def test_damage_is_undone(script: ModuleType, characters: str, readings: str) -> None:
    damaged = script.damage(CLEAN, characters=characters, readings=readings, share=0.5, doubled=0.2, seed=11)
    assert damaged != CLEAN
    assert restore(damaged).text == CLEAN


def test_the_same_seed_gives_the_same_damage(script: ModuleType) -> None:
    first, again, other = (
        script.damage(CLEAN, characters="wild", readings="plain", share=0.3, doubled=0.1, seed=seed)
        for seed in (5, 5, 6)
    )
    assert first == again != other
