"""A plan summed up in plain records: capacities, stacks, prices, accounts, shadow prices in words, checks.

`summary(plan)` sums up any plan; with the pack it came from, the city's accounts are complete.
"""

from bihuan.plan.summary.summing import summary

__all__ = ["summary"]
