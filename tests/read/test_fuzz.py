"""Whatever words stand beside each other, a text is read, in proportion to its length, and every quote stands at its place."""

import random
import re
from pathlib import Path

import pytest

from bihuan.read import read_bytes

EXAM = Path(__file__).parent / "exam"
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in sorted(EXAM.glob("*.txt")))
CLAUSES = [clause for clause in re.split("(?<=[，。；：、,\n])", TEXT) if clause]
SCRAPS = re.findall(r"[\d.]+[%\u4e00-\u9fff]{0,3}|[\u4e00-\u9fff]{1,4}|[，。；、：（）“”|\t\n]", TEXT)


@pytest.mark.parametrize("pool", [CLAUSES, SCRAPS], ids=["clauses", "scraps"])
@pytest.mark.parametrize("seed", range(12))
def test_shuffled_texts_are_read(pool: list[str], seed: int) -> None:
    chance = random.Random(seed)
    text = "".join(chance.choice(pool) for _ in range(1200))
    reading = read_bytes(text.encode(), "shuffled.txt", None)
    assert all(text.startswith(record.quote, record.start) for record in (*reading.statements, *reading.commitments))


@pytest.mark.parametrize(
    "scrap",
    [
        "增长5%，",
        "由5%提高到6%，",
        "一千二百万零三",
        "1、2、",
        "1,234,",
        "动(dong)",
        "平定县盂县开发区",
        "新增企业3家、",
    ],
)
def test_a_line_without_end_is_read_a_piece_at_a_time(scrap: str) -> None:
    reading = read_bytes((scrap * 1500).encode(), "endless.txt", None)
    assert all(len(sentence.text) <= 1500 for sentence in reading.outline.sentences)
