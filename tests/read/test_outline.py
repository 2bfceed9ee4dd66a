"""What a document is and what its parts are: golden files beside this one, and the rules behind them one by one."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.read.formats.source import Source
from bihuan.read.outline import Outline, take_apart
from bihuan.read.restore import restore

GOLDEN = Path(__file__).parent / "golden"
SHARED = Path(os.environ.get("BIHUAN_SHARED", "../shared"))


def outline(text: str, **facts: object) -> Outline:
    source = Source("text.txt", text, "0" * 64, "text/plain", len(text.encode()))
    return take_apart(replace(source, **facts), restore(text))  # type: ignore[arg-type]


def drawn(found: Outline) -> str:
    """Return an outline as people compare it: facts on top, then a line a passage."""
    facts = [found.title, found.city, found.speaker, found.published, found.year]
    rows = [" | ".join(str(fact or "-") for fact in facts)]
    for passage in found.passages:
        at = " / ".join(passage.section) or "-"
        rows.append(f"{passage.role:8} {passage.level} [{at}] {passage.text}")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_golden_outlines(path: Path) -> None:
    assert drawn(outline(path.read_text("utf-8"))) == path.with_suffix(".outline").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("——2024年1月18日在市人民代表大会上\n今年要抓好项目建设。", 2024),
        ("（2022年2月9日在市七届人大一次会议上）\n去年工作取得成效，各项任务圆满完成。", 2022),
        ("12月5日，市政府召开新闻发布会。2021年数字经济增加值增长9%。", 2022),
        ("6月20日，全市调度会召开。2023年1-5月，工业用电量增长4%。", 2023),
        ("2月3日，记者获悉，2023年1-11月，工业用电量增长4%。", 2024),
        ("一、2020年工作回顾\n工作有序开展，成效明显。\n二、2021年工作安排\n今年要再接再厉。", 2021),
        ("回顾2022年，全市上下团结奋斗。今年要乘势而上。", 2023),
        ("今年是“十四五”规划收官之年，任务很重。", 2025),
        ("到2025年，全市绿电占比达到三成；2030年前实现碳达峰。", None),
        ("全市要继续抓好安全生产。", None),
    ],
)
def test_the_year_that_this_year_means(text: str, year: int | None) -> None:
    assert outline(text).year == year


def test_the_day_of_the_text_wins_over_the_file_s() -> None:
    assert outline("今年要抓好项目建设。", published="2021-03-02T08:00:00Z").year == 2021
    found = outline("——2024年1月18日在市人民代表大会上\n今年要抓好项目建设。", published="2021-03-02")
    assert found.published == date(2024, 1, 18)


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("2023年，忻州市地区生产总值增长6%。忻州杂粮走向全国，与太原市签订协议。", "忻州市"),
        ("平遥县政府工作报告\n——2023年3月1日在平遥县第十七届人民代表大会上\n晋中市支持我县发展。", "平遥县"),
        ("地区生产总值增长6%，民生支出占比八成。", None),
    ],
)
def test_the_city_a_text_is_about(text: str, city: str | None) -> None:
    assert outline(text).city == city


@pytest.mark.parametrize(
    "line",
    [
        "无障碍设施改造完成12处。",
        "关闭煤矿3座，退出产能90万吨。",
        "注册商标达到1200件。",
        "编制完成碳达峰实施方案。",
        "返回乡村创业人员达到500人。",
        "来源广泛的税收结构正在形成。",
        "记者问到就业问题时，他给出了数字。",
    ],
)
def test_a_line_that_only_begins_like_furniture_is_read(line: str) -> None:
    found = outline(f"一、工作情况\n全市各项工作平稳推进，年度任务全面完成。\n{line}\n")
    assert [passage.role for passage in found.passages][-1] == "body"


def test_a_list_of_links_without_an_end_mark_is_set_aside() -> None:
    links = ["多地出台促消费新举措", "专家谈转型：路在脚下", "图解两会：数字里的民生", "春耕时节话丰收"]
    found = outline("全市经济稳中向好，一季度工业增加值增长7%。\n两会专题报道：\n" + "\n".join(links))
    assert [passage.role for passage in found.passages] == ["body"] + ["noise"] * 5


def test_a_heading_that_runs_in_speaks_for_its_own_paragraph() -> None:
    found = outline(
        "（一）抓好产业发展\n壮大文旅产业。办好首届旅游发展大会，新增精品线路五条，全年接待游客增长12%，旅游收入同步增长。\n同时，我们将办好民生实事8件。\n"
    )
    assert [(passage.role, passage.section) for passage in found.passages] == [
        ("heading", ()),
        ("heading", ("抓好产业发展",)),
        ("body", ("抓好产业发展", "壮大文旅产业")),
        ("body", ("抓好产业发展",)),
    ]


def test_sentences_end_with_their_quotation_and_not_at_a_semicolon() -> None:
    found = outline("他说：“订单已满！”企业用电增长9%；物流恢复。喊出“抢时间！”的口号。2022年?不，是今年")
    assert [sentence.text for sentence in found.sentences] == [
        "他说：“订单已满！”",
        "企业用电增长9%；物流恢复。",
        "喊出“抢时间！”的口号。",
        "2022年?",
        "不，是今年",
    ]


def test_locators_follow_their_passages() -> None:
    found = outline("第一页的文字。\n第二页的文字。\n", locators=((0, "page 1"), (8, "page 2")))
    assert [passage.locator for passage in found.passages] == ["page 1", "page 2"]


LINES = st.sampled_from(
    [
        "一、2022年工作回顾",
        "（一）抓项目。",
        "政府工作报告",
        "2023年1月3日",
        "责任编辑：某某",
        "全市增长3%。",
        "",
        "  ",
        "a | b",
        "。！？",
        "长治",
        "1.",
    ]
)


@given(st.lists(LINES | st.text(max_size=30), max_size=12), st.sampled_from(["\n", "\r\n", "\n\n", " "]))
def test_passages_cover_the_raw_text_and_sentences_stand_where_they_say(lines: list[str], joint: str) -> None:
    raw = joint.join(lines)
    found = outline(raw)
    borders = [passage.start for passage in found.passages] + [len(raw)]
    assert [passage.end for passage in found.passages] == borders[1:]
    assert borders[0] == 0 or not found.passages
    for sentence in found.sentences:
        assert found.text.text[sentence.start : sentence.start + len(sentence.text)] == sentence.text
        assert found.passages[sentence.passage].role not in ("noise", "dateline")
    if raw.strip():
        assert found.passages


@pytest.mark.accept
@pytest.mark.parametrize(
    ("seed", "published", "year"),
    [
        ("000", date(2024, 12, 3), 2024),
        ("001", date(2022, 3, 7), 2022),
        ("002", date(2023, 2, 21), 2023),
        ("003", date(2020, 5, 29), 2020),
        ("004", date(2024, 1, 8), 2024),
    ],
)
def test_seeds_know_their_day_and_city(seed: str, published: date, year: int) -> None:
    found = outline(next((SHARED / "seeds").glob(f"{seed}_*")).read_bytes().decode("utf-8"))
    assert (found.city, found.published, found.year) == ("阳泉市", published, year)


@pytest.mark.accept
def test_the_foreign_tail_of_an_interview_is_noise() -> None:
    raw = next((SHARED / "seeds").glob("003_*")).read_bytes().decode("utf-8")
    found = outline(raw)
    tail = raw.index("1231.png")
    assert all(
        (passage.role == "noise") == (passage.start >= tail) for passage in found.passages if passage.start > 300
    )


@pytest.mark.accept
def test_the_sections_of_a_work_report_tell_review_from_plan() -> None:
    found = outline(next((SHARED / "seeds").glob("002_*")).read_bytes().decode("utf-8"))
    top = list(dict.fromkeys(passage.section[0] for passage in found.passages if passage.section))
    assert top == ["2022年工作回顾", "2023年工作安排", "全面加强政府自身建设"]
    assert found.speaker == "刘文华"
