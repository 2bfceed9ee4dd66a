"""The acts a report promises or reports without a number: one table of verbs, their canonical form and stage.

A verb's place in the table says three things: which stage the thing has reached or shall reach (`docs/explanation/
commitments.md`, after the labelled data's rule), where its object stands (behind the verb, before it, or both), and
how much the object must say before the act can be checked: 投产 is checkable whatever goes into production, while
推进 says something only of a thing one can visit or hold (项目, 公路, 规划).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bihuan.core.records.statement import Kind, Stage

Demand = Literal["any", "thing", "place", "title", "event", "task"]


@dataclass(frozen=True, slots=True)
class Action:
    """One act, however it is worded."""

    verb: str
    """Canonical verb, as `Commitment.verb`."""
    stage: Stage
    """Of a promise, and of a result unless `done` says otherwise."""
    demand: Demand
    """What the object must be: anything named, a checkable thing, a place one can visit, a title, an event, a task."""
    done: Stage | None = None
    """Stage of a result where it differs: what was 新建 stands."""
    causes: bool = False
    """Another act may follow its object and win over it: 推动 X 投产."""
    plans: bool = False
    """Wins over the act that follows it: 谋划实施 is planned."""

    def stage_as(self, kind: Kind) -> Stage:
        """Return the stage of the thing once promised or reported."""
        return self.done if kind == "result" and self.done else self.stage


PUSH = Action("推进", "under_way", "thing", causes=True)
LIST_IN = Action("列入", "planned", "any")
AWARD = Action("获评", "completed", "title")
OPEN_TENDER = Action("争取", "planned", "thing", plans=True, causes=True)

_Row = tuple[Action, str, str]

# (act, surfaces with the object behind, surfaces that close a clause with the object before)
_ROWS: tuple[_Row, ...] = (
    (Action("谋划", "planned", "thing", plans=True), "谋划 谋划推进 谋划布局 超前谋划 研究谋划", "谋划"),
    (Action("规划", "planned", "thing", plans=True), "规划 规划建设 规划布局 规划实施", ""),
    (Action("筹建", "planned", "thing", plans=True), "筹建 筹备 筹划", "筹建"),
    (Action("编制", "planned", "thing", plans=True), "编制 编制完成 组织编制 启动编制 完成编制 起草 修编", "编制"),
    (Action("制定", "planned", "thing", "completed"), "制定 制订 研究制定", ""),
    (Action("申报", "planned", "thing", plans=True), "申报 申请 申办 申创", "申报"),
    (OPEN_TENDER, "争取 积极争取", ""),
    (Action("核准", "planned", "any"), "", "核准 完成核准 通过核准 获得核准 取得核准 获核准 立项 完成立项 获批立项"),
    (Action("获批", "planned", "any"), "", "获批 获批复 获得批复 批复 批准 完成可研批复 获得批准 取得批复"),
    (
        Action("完成", "planned", "any"),
        "",
        "完成可研 完成预可研 完成前期工作 完成前期 完成初设 完成环评 完成选址 完成招标 完成勘察 完成设计 完成备案 "
        "完成初步设计 完成可行性研究",
    ),
    (Action("开工", "started", "thing"), "开工 开工建设 新开工 动工建设 动工兴建 动工 开建", ""),
    (
        Action("开工", "started", "any"),
        "",
        "开工 开工建设 动工 动工建设 破土动工 动工兴建 奠基 奠基开工 进场施工 复工 复工建设 开建",
    ),
    (Action("启动", "started", "thing"), "启动 启动实施 启动建设 启动推进", "启动 启动实施 启动改造 启动建设"),
    (
        Action("落地", "started", "any"),
        "",
        "落地 落地建设 落地见效 落地实施 签约落地 落地生根 实质性落地 成功落地",
    ),
    (
        PUSH,
        "推进 推动 加快 加速 加快推进 加快推动 加速推进 加快建设 加紧建设 加速建设 加快实施 抓好 抓实 狠抓 协调推进 "
        "推进实施 推进建设 推动建设 推动实施",
        "加快推进 加速推进 有序推进 顺利推进 稳步推进 扎实推进 全面推进 深入推进 持续推进 快速推进 强力推进 "
        "推进之中 推进中 正在推进中 正在建设中 步伐加快 进度加快 加快建设 加紧建设 加速建设 全力推进 建设提速 有序建设 抓紧建设 "
        "正在建设 全面建设 加快实施 有序实施 稳步实施 顺利实施 进展顺利 深化推进 建设中 施工中 正在推进 积极推进 "
        "提速建设 加紧施工 抓紧施工 加快施工 全面施工 有序施工 全力建设 稳步建设 始发 盾构始发 正在施工 正在铺轨 正在架梁 正在装修 正在调试 正在吊装 "
        "全面铺开 全面推开 全面展开 取得重大进展 取得积极进展 取得突破性进展 取得实质性进展 取得阶段性进展 取得新进展 "
        "取得重大突破 取得实质性突破 取得新突破 取得突破",
    ),
    (Action("确保", "under_way", "thing", causes=True), "确保 力争 力促 促成", ""),
    (Action("推进", "under_way", "title"), "深化", ""),
    (Action("推进", "under_way", "task"), "做好", ""),
    (
        Action("建设", "under_way", "thing"),
        "建设 布局建设 布局 搭建 共建 续建 兴建 合作共建 联合共建 建设了 开发建设 投资建设 构建",
        "",
    ),
    (Action("实施", "under_way", "thing"), "实施 组织实施 滚动实施", "全面实施"),
    (Action("打造", "under_way", "place"), "打造 倾力打造 着力打造 加快打造 加速打造", ""),
    (Action("创建", "under_way", "title"), "创建 创成 成功创建", ""),
    (Action("争取", "planned", "title", plans=True), "争创 争创成为 力争创建 争列 争进", ""),
    (Action("开展", "under_way", "task"), "开展", ""),
    (
        Action("主体完工", "under_way", "any"),
        "",
        "主体完工 主体竣工 主体完成 主体结构完工 主体工程完工 完成主体 完成主体工程 完成主体结构 完成主体建设 完成主体施工",
    ),
    (Action("封顶", "under_way", "any"), "", "封顶 主体封顶 主体结构封顶 完成封顶 结构封顶 成功封顶 全面封顶 顺利封顶"),
    (
        Action("新建", "under_way", "thing", "completed"),
        "新建 新建成 新改扩建 改扩建 扩建 改建 迁建 改造 改造提升 提升改造 升级改造 修缮 重建 新建改造",
        "",
    ),
    (Action("建成", "completed", "thing"), "建成 全面建成 建成了 基本建成 高标准建成 建好", ""),
    (Action("建成", "completed", "any"), "", "建成 全面建成 基本建成 如期建成 建成完工 建设完成 完成建设"),
    (
        Action("完成", "completed", "thing"),
        "完成 完成了 全面完成 圆满完成 加快完成 基本完成 如期完成 顺利完成 提前完成",
        "完成 全面完成 圆满完成 基本完成 顺利完成 如期完成 全部完成 提前完成 完成改造 完成提升 圆满收官 "
        "全面收官 顺利收官",
    ),
    (Action("竣工", "completed", "thing"), "竣工", ""),
    (Action("完工", "completed", "thing"), "完工", ""),
    (
        Action("竣工", "completed", "any"),
        "",
        "竣工 竣工验收 竣工交付 全面竣工 完成竣工验收 交工 交工验收 完成交工验收",
    ),
    (Action("完工", "completed", "any"), "", "完工 全面完工 全部完工 如期完工 建设完工 基本完工"),
    (
        Action("贯通", "completed", "any"),
        "贯通 打通",
        "贯通 全线贯通 全面贯通 主线贯通 合龙 成功合龙 顺利合龙 全线打通",
    ),
    (Action("搬迁", "completed", "thing"), "搬迁", "搬迁新址 完成搬迁 整体搬迁 完成整体搬迁 迁入新址 乔迁新址"),
    (Action("成立", "completed", "thing"), "成立 正式成立 挂牌成立 揭牌成立", ""),
    (Action("成立", "completed", "any"), "", "成立 挂牌成立 注册成立 揭牌成立"),
    (Action("组建", "completed", "thing"), "组建 整合组建", ""),
    (Action("组建", "completed", "any"), "", "组建 挂牌组建"),
    (Action("设立", "completed", "thing"), "设立 新设 新设立 增设", ""),
    (Action("设立", "completed", "any"), "", "设立"),
    (Action("挂牌", "completed", "any"), "", "挂牌 授牌 正式挂牌"),
    (Action("揭牌", "completed", "any"), "", "揭牌 正式揭牌"),
    (Action("落户", "completed", "any"), "", "落户 签约落户 成功落户 花落 成功花落"),
    (Action("签订", "completed", "thing"), "签订 签署 签定", "签约 成功签约 签订 签署"),
    (
        Action("出台", "completed", "thing"),
        "出台 制定出台 印发 颁布 发布 出台实施 研究出台 颁布实施 印发实施 修订 修订完善 修订出台 编制出台",
        "出台 印发 颁布 颁布实施 发布 印发实施 出台实施 颁布施行 正式施行 出台施行 施行",
    ),
    (Action("建立", "completed", "thing"), "建立 新建立 建立健全 建立完善 建立了", ""),
    (Action("划定", "completed", "any"), "划定", ""),
    (Action("推出", "completed", "thing"), "推出", ""),
    (Action("验收", "completed", "any"), "", "通过验收 通过国家验收 通过省级验收 通过省级评估验收 通过竣工验收"),
    (Action("举办", "completed", "event"), "举办 办好 承办 成功举办 承接 办成", "举办 成功举办 圆满举办 顺利举办"),
    (
        Action("投产", "operating", "any"),
        "投产",
        "投产 建成投产 投产见效 试生产 试产 竣工投产 正式投产 投入生产 投料试车 点火投产 开车 一次开车成功 下线",
    ),
    (
        Action("达产", "operating", "any"),
        "",
        "达产 达产达效 达效 稳产达效 建成达效 满产 建成达产 达产见效 满产达效 投产达产 投产达效",
    ),
    (Action("投运", "operating", "any"), "投运", "投运 建成投运 双投运 双机投运 并网投运 带电投运 竣工投运"),
    (
        Action("投用", "operating", "any"),
        "投用 启用 投入使用 建成投用 建成启用",
        "投用 投入使用 启用 建成投用 交付使用 交付 正式启用 建成使用 竣工投用 建成启用 建成交付 回迁 投入应用 投入试用",
    ),
    (
        Action("并网", "operating", "any"),
        "",
        "并网 并网发电 全容量并网 建成并网 全容量并网发电 首次并网 首并成功",
    ),
    (Action("通车", "operating", "any"), "", "通车 竣工通车 建成通车 全线通车 开通运营 双向通车 试通车"),
    (Action("通航", "operating", "any"), "", "通航 复航 首航 首飞 试飞"),
    (Action("通水", "operating", "any"), "", "通水 通气 通水运行 下闸蓄水 蓄水 建成通水"),
    (Action("开通", "operating", "thing"), "开通 新开通 开通运行", ""),
    (
        Action("开通", "operating", "any"),
        "",
        "开通 顺利开通",
    ),
    (Action("开行", "operating", "thing"), "开行 常态化开行 首开", ""),
    (
        Action("开行", "operating", "any"),
        "",
        "开行 常态化开行 首列开行 首发",
    ),
    (
        Action("开业", "operating", "any"),
        "",
        "开业 正式开业 盛大开业 试营业 营业 开市 开街 开港 开门迎客 开业迎客 开街迎客",
    ),
    (
        Action("开园", "operating", "any"),
        "",
        "开园 开馆 开学 开诊 开村 建成开园 建成开馆 开营 开院 开服 开城 开园迎客 开馆迎客 开园纳客",
    ),
    (Action("开放", "operating", "thing"), "开放 建成开放", ""),
    (
        Action("开放", "operating", "any"),
        "",
        "开放 免费开放 对外开放 建成开放 全面开放 开放迎客 建成迎客 重新开放 试开放",
    ),
    (Action("运营", "operating", "thing"), "运营", ""),
    (
        Action("运营", "operating", "any"),
        "",
        "运营 投入运营 建成运营 开业运营 开园运营 试运营 正式运营 实质性运营 启动运营 投入试运营 挂牌运营 实体化运营 "
        "投产运营 通车运营 通车试运营 开放运营 开港运营 开馆运营 建成试运营",
    ),
    (Action("运行", "operating", "thing"), "运行 常态化运行", ""),
    (Action("运行", "operating", "thing"), "", "运行 稳定运行 正式运行 运作"),
    (
        Action("运行", "operating", "any"),
        "",
        "投入运行 启动运行 试运行 上线运行 建成运行 实质性运行 实体化运行 挂牌运行 试运转 投入试运行 并网运行 联网运行 实体化运作 投入运作 正式运作 常态化运作",
    ),
    (Action("上线", "operating", "thing"), "上线", ""),
    (
        Action("上线", "operating", "any"),
        "",
        "上线 上线运营 正式上线 上线试运行",
    ),
    (LIST_IN, "列入 纳入 被列入 被纳入 成功列入", ""),
    (
        AWARD,
        "获评 评为 被评为 被评定为 获评为 被授予 授予 荣获 喜获 获得 入选 入选为 入围 获批 获批建设 获批创建 "
        "被列为 列为 成为 "
        "被确定为 确定为 被认定为 认定为 获认定 跻身 晋级 升级为 晋升为 被命名为 命名为 摘得 蝉联 获准 升格为 "
        "晋升 获授 "
        "荣膺 斩获 获颁 荣登 上榜 跻身于 捧回 捧得 被确认为 当选 成功入选 成功获批 成功入围 夺得",
        "",
    ),
)


_MANNER = re.compile("(?:深入|全面|有序|顺利|稳步|扎实|持续|快速|强力|全力|积极|正在|抓紧|成功|正式|常态化|圆满)")


def _lookup(column: int) -> dict[str, Action]:
    table: dict[str, Action] = {}
    for row in _ROWS:
        for surface in str(row[column]).split():
            table.setdefault(surface, row[0])
    return table


def _with_manner(takes: dict[str, Action], closes: dict[str, Action]) -> dict[str, Action]:
    """Add what closes a clause with an adverb of manner and may as well open it: 有序推进."""
    bare = {word: _MANNER.sub("", word, count=1) for word in closes if _MANNER.match(word)}
    return takes | {word: takes[rest] for word, rest in bare.items() if word not in takes and rest in takes}


CLOSES_CLAUSE = _lookup(2)
TAKES_OBJECT = _with_manner(_lookup(1), CLOSES_CLAUSE)


def alternation(words: Iterable[str]) -> str:
    """Return a pattern for any of `words`, longest first, branching on shared beginnings so that it scans fast."""
    tree: dict[str, list[str]] = {}
    for word in sorted(set(words)):
        tree.setdefault(word[:1], []).append(word[1:])
    branches = []
    for head, rests in tree.items():
        longer = [rest for rest in rests if rest]
        inner = alternation(longer) + ("?" if "" in rests else "") if longer else ""
        branches.append(re.escape(head) + inner)
    return f"(?:{'|'.join(branches)})"


REACHES = ("进入", "具备", "进行")
"""Verbs that tell a stage only with what follows: 进入设备安装阶段, 具备通车条件, 正在进行主体施工."""

# 率, 量, 期 behind a verb make it part of a noun (开工率, 发电量, 建设期); 的 and 后 make it a side clause.
VERB = re.compile(
    f"{alternation([*TAKES_OBJECT, *CLOSES_CLAUSE, *REACHES])}(?![率量期者权的后型性力度化])(?!(?<=建成)区)(?!条件)"
    "(?!(?<=建设)(?:用地|银行|标准|规模|资金|单位|领域|兵团|[厅局者]))"
)
