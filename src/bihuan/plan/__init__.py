"""plan: an energy system -> the least-cost way to build and run it. The heart needs no database.

`read_network(path)` and `from_pypsa(n)` give a `Network`, `solve(network)` a `Plan`. Symbols and signs are PyPSA's.
"""

from bihuan.plan.faults import Fault, FaultyNetwork
from bihuan.plan.folder import read_network
from bihuan.plan.highs import Options
from bihuan.plan.model import Settings
from bihuan.plan.network import Network
from bihuan.plan.optimum import solve
from bihuan.plan.pypsa_folder import read_pypsa_folder
from bihuan.plan.pypsa_network import from_pypsa
from bihuan.plan.results import Plan

__all__ = [
    "Fault",
    "FaultyNetwork",
    "Network",
    "Options",
    "Plan",
    "Settings",
    "from_pypsa",
    "read_network",
    "read_pypsa_folder",
    "solve",
]
