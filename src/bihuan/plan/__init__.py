"""plan: an energy system -> the least-cost way to build and run it. The heart needs no database.

`read_pypsa_folder(folder)` gives a `Network`, `solve(network)` a `Plan`. Symbols and signs are PyPSA's.
"""

from bihuan.plan.network import Network
from bihuan.plan.pypsa_folder import read_pypsa_folder
from bihuan.plan.solve import Plan, solve

__all__ = ["Network", "Plan", "read_pypsa_folder", "solve"]
