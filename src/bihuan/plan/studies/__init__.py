"""Studies: several plans that belong together. Scenarios, near-optimal alternatives, two stages, a budget's worth."""

from bihuan.plan.studies.alternatives import Alternative, alternatives
from bihuan.plan.studies.budget import CARBON_CAP, budget_curve, solve_budget
from bihuan.plan.studies.scenarios import solve_scenarios
from bihuan.plan.studies.stochastic import Stochastic, stochastic

__all__ = [
    "CARBON_CAP",
    "Alternative",
    "Stochastic",
    "alternatives",
    "budget_curve",
    "solve_budget",
    "solve_scenarios",
    "stochastic",
]
