"""The words of a report, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bihuan.core.records.plan import BudgetCurve, PlanSummary

Lang = Literal["zh", "en"]

_WORDS: dict[str, tuple[str, str]] = {
    "synthetic": ("合成数据", "Synthetic data"),
    "scenario": ("方案", "Scenario"),
    "status": ("求解状态", "Status"),
    "objective": ("全年净成本（百万元，收入为负）", "Net cost of the year (CNY million; income is negative)"),
    "emissions": ("碳排放（万吨）", "Emissions (10⁴ t CO2)"),
    "coal": ("标准煤（万吨）", "Standard coal (10⁴ tce)"),
    "of_fuel": ("其中{fuel}（万吨标准煤）", "of which {fuel} (10⁴ tce)"),
    "gce": ("供电煤耗（克/千瓦时）", "Net coal rate (gce/kWh)"),
    "intensity": ("单位发电碳排放（吨/兆瓦时）", "Emissions per MWh (t/MWh)"),
    "hours": ("求解时段", "Snapshots solved"),
    "reduced": (
        "本结果以 {hours} 个时段代表全年，并非逐时求解全年，只供快速比较。",
        "This result lets {hours} hours stand for the year; it is no solution of every hour, and good for comparison only.",
    ),
    "capacity": ("装机容量（兆瓦）", "Installed capacity (MW)"),
    "dispatch": ("电力平衡（兆瓦）", "Power balance (MW)"),
    "heat": ("供热平衡（兆瓦）", "Heat balance (MW)"),
    "stored": ("储能电量（兆瓦时）", "Stored energy (MWh)"),
    "week": ("{first} 起一周", "week from {first}"),
    "prices": ("边际电价持续曲线（元/兆瓦时）", "Duration of marginal prices (CNY/MWh)"),
    "share_of_year": ("占全年时间（%）", "Share of the year (%)"),
    "costs": ("成本构成（百万元）", "Cost accounts (CNY million)"),
    "carbon": ("煤炭与碳账户", "Coal and carbon account"),
    "shadow": ("预算的影子价格", "Shadow prices of budgets"),
    "no_budget": ("本方案没有预算约束。", "This scenario has no budget."),
    "storage": ("独立储能收益（百万元）", "Independent storage (CNY million)"),
    "checks": ("与未参与建模的公开数据对照", "Beside published figures not used to build it"),
    "compare": ("方案比较", "Scenarios side by side"),
    "sweep": ("预算收紧曲线", "Tightening a budget"),
    "curve_cost": ("全年净成本（百万元）", "Net cost of the year (CNY million)"),
    "curve_emissions": ("碳排放（万吨）", "Emissions (10⁴ t CO2)"),
    "curve_worth": ("每放宽一单位的价值（元）", "Worth of one more unit (CNY)"),
    "curve_built": ("由模型选择的容量（兆瓦）", "Capacity that the plan chooses (MW)"),
    "at_factor": ("预算为 {percent}% 时：{said}", "At {percent} % of the limit: {said}"),
    "infeasible": ("无可行方案", "no plan fits"),
    "sources": ("数据出处", "Where each figure comes from"),
    "table": ("图中数据", "Figures behind the chart"),
    "name": ("名称", "Name"),
    "technology": ("类别", "Technology"),
    "mw": ("容量（兆瓦）", "MW"),
    "chosen": ("由模型选择", "chosen"),
    "gwh": ("电量（吉瓦时）", "GWh"),
    "heat_gwh": ("热量（吉瓦时）", "Heat GWh"),
    "flh": ("利用小时", "Full-load hours"),
    "got": ("本方案", "This plan"),
    "range": ("公开范围", "Published range"),
    "inside": ("范围内", "inside"),
    "outside": ("范围外", "outside"),
    "source": ("出处", "Source"),
    "basis": ("性质", "Basis"),
    "value": ("数值", "Value"),
    "account": ("账户", "Account"),
    "amount": ("数额", "Amount"),
    "allowance": ("免费配额（万吨）", "Free allowance (10⁴ t)"),
    "limit": ("预算", "Budget"),
    "worth": ("每单位价值（元）", "Worth of a unit (CNY)"),
    "spot": ("现货", "spot"),
    "rent": ("容量租金", "capacity rent"),
    "fees": ("费用", "fees"),
    "cycles": ("全年循环次数", "cycles a year"),
    "hour": ("时刻", "Hour"),
    "power": ("功率（兆瓦）", "MW"),
    "yes": ("是", "yes"),
    "stated": ("公布", "stated"),
    "computed": ("推算", "computed"),
    "assumed": ("假设", "assumed"),
    "optimal": ("已证最优", "proven optimal"),
    "fuel": ("燃料", "fuel"),
    "operation": ("运行维护", "operation"),
    "starts": ("启动", "starts"),
    "market": ("购售电", "market"),
    "export": ("外送收入", "export"),
    "storage and grid": ("储能与电网费用", "storage and grid"),
    "shortfall": ("供热缺口", "heat shortfall"),
    "investment": ("新建投资年金", "investment"),
    "fixed operation": ("固定运维", "fixed operation"),
    "retrofits": ("改造年金", "retrofits"),
}
_COST_ZH_CARBON = ("碳市场净支出", "carbon market, net")
_LAYERS_EN = {
    "负荷": "load",
    "可调负荷": "flexible load",
    "外送": "export",
    "购电": "bought",
    "售电": "sold",
    "供热": "heat served",
    "热负荷": "heat load",
    "光伏": "PV",
    "风电": "wind",
    "瓦斯": "mine methane",
    "垃圾": "waste",
    "水电": "hydro",
    "电池": "batteries",
    "抽水蓄能": "pumped hydro",
    "储热": "heat store",
    "热网联络": "heat pipes",
    "燃气锅炉": "gas boilers",
    "输电": "lines",
    "condensing": "condensing",
    "extraction": "extraction",
    "back_pressure": "back pressure",
}
_TYPES_ZH = {"condensing": "凝汽", "extraction": "抽凝", "back_pressure": "背压"}


def word(key: str, lang: Lang) -> str:
    """Return a fixed word; the key itself where there is none."""
    return _WORDS[key][lang == "en"] if key in _WORDS else key


def cost_account(key: str, lang: Lang) -> str:
    """Return the name of a cost account."""
    return _COST_ZH_CARBON[lang == "en"] if key == "carbon" else word(key, lang)


class Names:
    """Names of components and layers in the report's language; Chinese ones come from the pack."""

    def __init__(self, told: Sequence[PlanSummary | BudgetCurve], lang: Lang) -> None:
        self.lang = lang
        self.english = {name: english for one in told for name, english in one.english_names.items()}

    def __call__(self, name: str) -> str:
        """Return a name; a store's charging layer is its name and 充."""
        if self.lang == "zh":
            return _TYPES_ZH.get(name, name)
        if name.endswith("充") and name not in _LAYERS_EN:
            return f"{self(name.removesuffix('充'))}, charging"
        return _LAYERS_EN.get(name) or self.english.get(name) or name
