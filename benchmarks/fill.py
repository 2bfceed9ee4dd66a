"""Fill a store with made-up documents, so that pages and queries can be measured at size.

    python -m benchmarks.fill --statements 100000 --documents 200

The texts are drawn from lists of words by a seeded generator: the same arguments make the same ledger.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bihuan.core.records.document import Document, Passage
from bihuan.core.records.statement import Anchor, Commitment, Link, Statement
from bihuan.core.text import TracedText
from bihuan.store import ledger
from bihuan.store.connect import Store, open_store
from bihuan.store.packs import default_pack

READER = "fill"
PLACES = ("东川", "西岭", "南浦", "北泽", "长桥", "安河", "清源", "临山", "广陵", "永宁")
SUBJECTS = (None, None, None, "高新区", "城区", "北山县", "河东县")
THINGS = ("规上工业增加值", "固定资产投资", "社会消费品零售总额", "一般公共预算收入", "城镇居民人均可支配收入",
          "农村居民人均可支配收入",
          "原煤产量", "发电量", "新能源装机容量", "城镇新增就业", "高新技术企业", "空气优良天数比例", "森林覆盖率", "粮食产量")  # fmt: skip
INDICATORS = dict(zip(THINGS, (indicator.id for indicator in default_pack().indicators), strict=False))
"""Which indicator of the registry a name stands for here: pages treat one that the registry knows differently."""
SHADES = (
    "",
    "制造业",
    "民营",
    "重点领域",
    "数字经济",
    "县域",
    "园区",
    "绿色产业",
    "文旅",
    "物流业",
    "装备制造",
    "新材料",
)
SECTIONS = (
    "一年来的工作",
    "经济运行",
    "产业转型",
    "改革开放",
    "城乡建设",
    "民生保障",
    "生态环境",
    "今年的主要目标",
    "重点任务",
    "自身建设",
)
UNITS = ("亿元", "%", "万吨", "户", "公里", "个", "万千瓦", "百分点")
WORKS = (
    "物流枢纽",
    "抽水蓄能电站",
    "职业学院新校区",
    "污水处理厂",
    "客运换乘中心",
    "体育公园",
    "算力中心",
    "储能示范项目",
)
VERBS = (("开工", "started"), ("推进", "under_way"), ("建成", "completed"), ("投用", "operating"), ("谋划", "planned"))


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the store afterwards."""

    documents: int
    statements: int
    seconds: float


def fill(store: Store, statements: int = 100_000, documents: int = 200, *, seed: int = 1) -> Filled:
    """Add made-up documents with `statements` numbers in all, every tenth sentence a commitment beside, and links."""
    started = time.perf_counter()
    share = -(-statements // documents)
    made = [_document(random.Random(seed * 100_003 + n), n, share) for n in range(documents)]
    for reading in made:
        with store.connection() as connection:
            ledger.save(connection, reading, actor="fill", at=datetime(2026, 1, 1, tzinfo=UTC))
    with store.connection() as connection:
        revision = ledger.revisions(connection).ledger
        ledger.replace_links(connection, _links(made), ledger_revision=revision)
    with store.connection() as connection:
        connection.execute("analyze")
    return Filled(documents, share * documents, time.perf_counter() - started)


def _document(chance: random.Random, number: int, size: int) -> ledger.NewReading:
    year, city = 2010 + number % 16, PLACES[number // 16 % len(PLACES)] + "市"
    name = f"{city}{year}年政府工作报告-{number}.txt"
    pieces: list[str] = []
    statements: list[Statement] = []
    commitments: list[Commitment] = []
    passages: list[Passage] = []
    at = 0
    for index in range(size):
        section = SECTIONS[index * len(SECTIONS) // size]
        sentence, statement = _statement(chance, name, year, section, at)
        if index % 10 == 0:
            more, commitment = _commitment(chance, name, year, section, at + len(sentence))
            sentence, commitments = sentence + more, [*commitments, commitment]
        statements.append(statement)
        end = at + len(sentence)
        passages.append(Passage(index, "body", 1, (section,), at, end, sentence))
        pieces.append(sentence)
        at = end
    text = "".join(pieces)
    data = text.encode()
    document = Document(name, hashlib.sha256(data).hexdigest(), "text/plain", len(data), "utf-8",
                        f"{city}政府工作报告", city, None, None, year, len(text))  # fmt: skip
    return ledger.NewReading(document, data, TracedText.of(text), passages, statements, commitments, READER)


def _statement(chance: random.Random, doc: str, year: int, section: str, at: int) -> tuple[str, Statement]:
    target = section in SECTIONS[-3:]
    value = round(chance.lognormvariate(3, 1.5), 1)
    unit = chance.choice(UNITS)
    indicator = chance.choice(SHADES) + chance.choice(THINGS)
    quote = f"{value}{unit}"
    subject = chance.choice(SUBJECTS)
    lead = f"{subject or '全市'}{chance.choice(SECTIONS)}持续见效，{indicator}{'计划达到' if target else '达到'}"
    sentence = f"{lead}{quote}，比上年安排更进一步，为后续{chance.choice(WORKS)}等事项打下基础。\n"
    measure = "growth" if unit == "%" else "gap" if unit == "百分点" else "level"
    statement = Statement(
        doc, quote, at + len(lead), indicator, value, unit, measure, "+" if measure != "level" else None,
        chance.choice(("exact", "exact", "at_least")), "target" if target else "result",
        str(year if target else year - 1), subject, None, section, sentence.strip(),
        INDICATORS[next(t for t in THINGS if indicator.endswith(t))] if chance.random() < 0.4 else None,
        chance.choice((1.0, 0.9, 0.7)),
    )  # fmt: skip
    return sentence, statement


def _commitment(chance: random.Random, doc: str, year: int, section: str, at: int) -> tuple[str, Commitment]:
    verb, stage = chance.choice(VERBS)
    work = f"{chance.choice(PLACES)}{chance.choice(WORKS)}"
    quote, target = f"{verb}{work}", section in SECTIONS[-3:]
    sentence = f"年内{quote}。\n"
    commitment = Commitment(doc, quote, at + 2, verb, work, stage, "target" if target else "result", str(year),
                            f"{year}-12" if target else None, None, section, sentence.strip())  # type: ignore[arg-type]  # fmt: skip
    return sentence, commitment


def _links(made: list[ledger.NewReading]) -> Iterator[Link]:
    """Link half of the targets with a result of the next document, as if it were the same city's next year."""
    verdicts = ("met", "met", "missed", "partly", "unknown")
    for earlier, later in itertools.pairwise(made):
        targets = [s for s in earlier.statements if s.kind == "target"]
        results = [s for s in later.statements if s.kind == "result"]
        for number, (a, b) in enumerate(zip(targets[::2], results, strict=False)):
            ends = (Anchor(earlier.document.sha256, a.start, a.quote), Anchor(later.document.sha256, b.start, b.quote))
            yield Link(*ends, a.indicator, "target_result", verdicts[number % len(verdicts)])  # type: ignore[arg-type]


def main() -> None:
    """Fill the store of this machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument("--documents", type=int, default=200)
    given = parser.parse_args()
    with open_store() as store:
        filled = fill(store, given.statements, given.documents)
    print(f"{filled.statements} statements in {filled.documents} documents, {filled.seconds:.1f} s")


if __name__ == "__main__":
    main()
