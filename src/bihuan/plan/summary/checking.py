"""Figures of a plan beside published ranges that were not used to build it. Differences are shown, not tuned away.

A range stands in the pack's `checks.yaml`: what is measured (`pv_hours`, `gce_per_kwh`, …), from, to, its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import yaml

from bihuan.core.errors import PackError
from bihuan.core.records.plan import Check
from bihuan.plan.summary.reading import Reading
from bihuan.store.yaml_records import Faults, Field, compose, read_record

_FIELDS = tuple(Field(name) for name in ("name", "english", "measure", "low", "high", "unit", "source"))


def read_checks(path: Path) -> list[dict[str, str]]:
    """Read a pack's ranges; none where it has no such file.

    Raises:
        PackError: the file has faults, all named.
    """
    if not path.is_file():
        return []
    faults = Faults()
    root = compose(path, faults)
    items = root.value if isinstance(root, yaml.SequenceNode) else []
    records = [record for item in items if (record := read_record(path, item, _FIELDS, faults)) is not None]
    for record in records:
        if record.text("measure").partition(":")[0] not in MEASURES:
            known = ", ".join(MEASURES)
            faults.add(path, record.line, "measure", f"'{record.text('measure')}' is none of {known}")
    if faults.found:
        raise PackError(faults.report(), where=str(path))
    return [{f.name: record.text(f.name) for f in _FIELDS} for record in records]


def checks(reading: Reading, ranges: Iterable[dict[str, str]], gce_per_kwh: float) -> tuple[Check, ...]:
    """Return each range with the plan's own figure."""
    found = []
    for entry in ranges:
        measure, _, what = entry["measure"].partition(":")
        got = gce_per_kwh if measure == "gce_per_kwh" else MEASURES[measure](reading, what)
        got = round(got, 9) + 0.0  # what a solver leaves of a zero is no difference
        low, high = float(entry["low"]), float(entry["high"])
        found.append(Check(entry["name"], entry["english"], got, low, high, entry["unit"], entry["source"]))
    return tuple(found)


def _full_load_hours(reading: Reading, carrier: str) -> float:
    """Output / capacity of a carrier's generators, or of the thermal units named (`*`: all of them)."""
    kind = "generators" if carrier in reading.active("generators").texts("carrier") else "thermal_units"
    table = reading.active(kind)
    names = table.texts("carrier") if kind == "generators" else table.names
    ours = np.array([carrier in ("*", name) for name in names], dtype=bool)
    size = np.array([reading.plan.capacities(kind)[name] for name in table.names])[ours].sum()
    return float(reading.energy(reading.series(kind, "p"))[ours].sum() / size) if size else 0.0


def _available_hours(reading: Reading, carrier: str) -> float:
    """What a carrier's generators could have put out / capacity, curtailed or not."""
    table = reading.active("generators")
    ours = np.array([name == carrier for name in table.texts("carrier")], dtype=bool)
    size = np.array([reading.plan.capacities("generators")[name] for name in table.names])
    hours = reading.energy(table.by_snapshot("p_max_pu", reading.steps))
    return float((hours * size)[ours].sum() / size[ours].sum()) if size[ours].sum() else 0.0


def _curtailed(reading: Reading, carrier: str) -> float:
    available = _available_hours(reading, carrier)
    return 100 * (1 - _full_load_hours(reading, carrier) / available) if available else 0.0


def _heat_load_factor(reading: Reading, _: str) -> float:
    """Mean / peak of the heat demand over the hours in which there is any."""
    demand = reading.active("heat_districts").by_snapshot("demand", reading.steps).sum(axis=1)
    heated = demand > 0
    return float(demand[heated].mean() / demand.max()) if heated.any() else 0.0


def _heat_per_area(reading: Reading, area_mm2: str) -> float:
    """Heat of the season by area [GJ/m²]; the area [10⁶ m²] stands in the measure."""
    energy = reading.energy(reading.series("heat_districts", "served")).sum()
    return float(energy * 3.6 / (float(area_mm2) * 1e6))


def _load_factor(reading: Reading, _: str) -> float:
    load = reading.series("loads", "p").sum(axis=1) + reading.series("flexible_loads", "p").sum(axis=1)
    return float((reading.weight @ load) / reading.weight.sum() / load.max()) if load.max() > 0 else 0.0


def _output_twh(reading: Reading, names: str) -> float:
    """Gross output of the named thermal units and carriers, in TWh."""
    wanted = set(names.split("+"))
    total = 0.0
    for kind, attribute in (("thermal_units", ""), ("generators", "carrier")):
        table = reading.active(kind)
        known = table.texts(attribute) if attribute else table.names
        ours = np.array([name in wanted for name in known], dtype=bool)
        total += float(reading.energy(reading.series(kind, "p"))[ours].sum())
    return total / 1e6


MEASURES: dict[str, Callable[[Reading, str], float]] = {
    "full_load_hours": _full_load_hours,
    "available_hours": _available_hours,
    "curtailed_percent": _curtailed,
    "heat_load_factor": _heat_load_factor,
    "heat_gj_per_m2": _heat_per_area,
    "load_factor": _load_factor,
    "output_twh": _output_twh,
    "gce_per_kwh": lambda _reading, _what: 0.0,
}
"""Measure -> how it is taken from a plan; after a colon stands what it is taken of."""
