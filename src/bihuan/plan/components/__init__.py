"""One file a kind of component: its variables, limits and cost. A new kind touches nothing but `ALL`."""

from bihuan.plan.components import branches, generators, links, loads, processes, storage_units, stores

ALL = (loads.add, generators.add, links.add, processes.add, branches.add, storage_units.add, stores.add)
"""What each file adds to a `Model`, in this order."""
