"""A pack's energy folder: YAML components, CSV or Parquet series, scenarios; each value stated, computed or assumed.

`read_energy_pack(folder)` reads it, `compile_network(pack, scenario)` turns it into a `Network`. The format is
described in `docs/reference/energy-pack.md`.
"""

from bihuan.plan.pack.entry import EnergyPack, Entry, Scenario, Value
from bihuan.plan.pack.reading import is_energy_folder, read_energy_pack

__all__ = ["EnergyPack", "Entry", "Scenario", "Value", "is_energy_folder", "read_energy_pack"]
