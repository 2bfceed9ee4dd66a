"""The city's parts in the order they are added: components first, then what limits several of them."""

from bihuan.plan.city import budgets, export, flexible, heat, reserve, storage_rules, thermal

CITY = (thermal.add, heat.add, flexible.add, export.add, storage_rules.add, reserve.add, budgets.add)
"""Each adds to a `Model`, and nothing where its table is empty."""
