"""Shadow prices of budgets as sentences: what one more tonne is worth."""

from __future__ import annotations

from bihuan.core.records.plan import ShadowPrice
from bihuan.plan.results import Plan

_UNITS: dict[str, tuple[str, str]] = {
    "co2": ("吨二氧化碳", "tonne of CO2"),
    "coal": ("吨标准煤", "tonne of standard coal"),
    "energy": ("吨标准煤", "tonne of standard coal"),
    "intensity": ("吨标准煤", "tonne of standard coal"),
    "renewable_share": ("兆瓦时可再生电量", "MWh of renewable power"),
    "": ("单位", "unit"),
}


def shadow_prices(plan: Plan, english: dict[str, str]) -> tuple[ShadowPrice, ...]:
    """Return a shadow price for each budget or global constraint; `english` names budgets.

    `renewable_share` is stated per MWh of renewable power that is asked for, the others per unit of their limit.
    """
    budgets = plan.network["budgets"]
    kinds = dict(zip(budgets.names, budgets.texts("type"), strict=True))
    return tuple(
        _sentence(name, english.get(name, name), mu, kinds.get(name, "")) for name, mu in plan.shadow_prices.items()
    )


def _sentence(name: str, english: str, mu: float, kind: str) -> ShadowPrice:
    """A limit from above has mu <= 0: one more unit lowers the cost. A share from below has mu >= 0."""
    zh_unit, en_unit = _UNITS.get(kind, _UNITS[""])
    worth = mu if kind == "renewable_share" else -mu
    if abs(worth) < 1e-6:
        zh = f"{name}没有用满，多一{zh_unit}不值钱。"
        en = f"{english} does not bind: one more {en_unit} is worth nothing."
    elif kind == "renewable_share":
        zh = f"{name}：再多要求一{zh_unit}，全年成本增加 {worth:,.0f} 元。"
        en = f"{english}: asking for one more {en_unit} raises the year's cost by CNY {worth:,.0f}."
    else:
        zh = f"{name}每放宽一{zh_unit}，全年成本减少 {worth:,.0f} 元。"
        en = f"One more {en_unit} of {english} saves CNY {worth:,.0f} in the year."
    return ShadowPrice(name, english, worth, en_unit, zh, en)
