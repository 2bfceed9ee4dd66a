"""Work that may wait (可调节负荷): data centres and electrolysers whose load shifts within a window.

Load l[t] arrives; a share f of it may wait up to `window` hours. With p served [MW] and b waiting [MWh]:

    (1 − f) · l[t] <= p[t] <= p_nom
    b[t] = b[t−1] + (l[t] − p[t]) · hours[t],   b before the first snapshot and after the last = 0
    0 <= b[t] <= f · Σ l · hours over the last `window` hours up to t

The last line is exactly "nothing waits longer than the window" when the oldest work is done first. An electrolyser that
must make its hydrogen by the end of a day is f = 1 with a window of 24 hours.
"""

from __future__ import annotations

import numpy as np

from bihuan.plan.model import Model
from bihuan.plan.network import Floats


def add(model: Model) -> None:
    """Add what is served [MW] and what waits [MWh]."""
    loads = model.take("flexible_loads")
    if not len(loads):
        return
    arriving = loads.by_snapshot("load", model.steps)
    share, hours = loads.numbers("flexible"), model.hours("stores")
    most = np.maximum(loads.numbers("p_nom"), 0.0)
    served = model.problem.variables("flexible_loads-p", (1 - share) * arriving, most, 0.0, arriving.shape)
    room = share * may_wait(arriving * hours, hours[:, 0], loads.numbers("window"))
    room[-1] = 0.0
    waiting = model.problem.variables("flexible_loads-waiting", 0.0, room, 0.0, arriving.shape)
    rows = model.problem.rows_between("flexible_loads-queue", -arriving * hours, -arriving * hours, arriving.shape)
    model.problem.put(rows.index, waiting.index, -1.0)
    model.problem.put(rows.index[1:], waiting.index[:-1], 1.0)
    model.problem.put(rows.index, served.index, -hours)
    model.feed(model.network.buses_of(loads, "bus"), served, -1.0)


def may_wait(energy_mwh: Floats, hours: Floats, window_h: Floats) -> Floats:
    """Return for each snapshot and load the energy that arrived in the last `window_h` hours, this snapshot included.

    Args:
        energy_mwh: arriving energy, shape (snapshots, loads).
        hours: length of each snapshot.
        window_h: of each load.
    """
    total = np.vstack([np.zeros(energy_mwh.shape[1]), np.cumsum(energy_mwh, axis=0)])
    begin = np.concatenate([[0.0], np.cumsum(hours)])[:-1]
    arrived = np.empty_like(energy_mwh)
    for column, window in enumerate(window_h):
        first = np.searchsorted(begin, begin + hours - window - 1e-9)
        first = np.minimum(first, np.arange(hours.size) + 1)
        arrived[:, column] = total[1:, column] - total[first, column]
    return arrived
