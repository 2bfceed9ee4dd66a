"""Tables that other libraries hold in memory -> components: cells by column, values by snapshot by attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bihuan.plan.columns import column
from bihuan.plan.faults import Fault
from bihuan.plan.network import Components, Floats, Series, attribute_of


def components(
    kind: str,
    names: Sequence[str],
    cells: Mapping[str, Sequence[object]],
    by_snapshot: Mapping[str, tuple[Sequence[str], Floats]],
    faults: list[Fault],
) -> Components:
    """Return the components of a kind.

    Args:
        kind: name of the table.
        names: of the components.
        cells: attribute -> a cell for each component; empty cells take the default.
        by_snapshot: attribute -> components, and their values, shape (snapshots, those components). Results of an
            earlier optimum and what bihuan does not know are passed over.
        faults: what is wrong is added to it.
    """
    columns = {name: column(kind, name, names, values, faults) for name, values in cells.items()}
    row_of = {name: row for row, name in enumerate(names)}
    varying = {}
    for attribute, (of, values) in by_snapshot.items():
        known = attribute_of(kind, attribute)
        if attribute == "s_set" or (known is not None and known.varying):
            ours = [at for at, name in enumerate(of) if name in row_of]
            rows = np.array([row_of[of[at]] for at in ours], dtype=np.int32)
            varying[attribute] = Series(rows, np.ascontiguousarray(values[:, ours], dtype=np.float64))
        elif known is not None and len(of):
            faults.append(Fault(kind, "", attribute, "", "values by snapshot", "one value for each component"))
    return Components(kind, tuple(names), columns, varying)
