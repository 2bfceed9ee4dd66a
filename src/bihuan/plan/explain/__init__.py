"""Why a network has no plan: the conditions that contradict each other, and the amounts that would repair them.

`explain(network)` gives an `Explanation`: for an infeasible network the smallest set of conditions that cannot hold
together, for an unbounded one the way along which its cost falls without end. Works on any network, PyPSA's included.
"""

from bihuan.plan.explain.answer import Explanation, Repair
from bihuan.plan.explain.asking import explain

__all__ = ["Explanation", "Repair", "explain"]
"""What the package offers."""
