"""A basis of the loops of a grid: each branch outside a spanning tree closes exactly one."""

from __future__ import annotations

from collections import deque

import numpy as np

from bihuan.plan.network import Ints

Loop = list[tuple[int, int]]
"""(branch, +1 along it or −1 against it), once around."""
Ends = tuple[int, int]
"""The buses at both ends of a branch."""


def cycles(branches: list[Ends]) -> list[Loop]:
    """Return a loop for each branch that the breadth-first tree of its island leaves out; short ones by that tree.

    The tree grows from the bus where most branches meet.
    Source: J. Hörsch et al., Linear optimal power flow using cycle flows, EPSR 158 (2018).
    """
    parents = _tree(branches)
    in_tree = {via for _, via, _ in parents.values()}
    return [_loop(branches, parents, at) for at in range(len(branches)) if at not in in_tree]


def islands(buses: int, branches: list[Ends]) -> Ints:
    """Return for each bus the first bus, in the order of the table, of the island it belongs to."""
    root = np.arange(buses, dtype=np.int32)

    def find(bus: int) -> int:
        while root[bus] != bus:
            root[bus] = root[root[bus]]
            bus = int(root[bus])
        return bus

    for start, end in branches:
        low, high = sorted((find(start), find(end)))
        root[high] = low
    return np.array([find(bus) for bus in range(buses)], dtype=np.int32)


def _tree(branches: list[Ends]) -> dict[int, tuple[int, int, int]]:
    """Bus -> (parent bus, branch to it, depth) for all but the roots, whose branch is −1."""
    meeting: dict[int, list[tuple[int, int]]] = {}
    for at, (start, end) in enumerate(branches):
        meeting.setdefault(start, []).append((end, at))
        meeting.setdefault(end, []).append((start, at))
    parents: dict[int, tuple[int, int, int]] = {}
    for root in sorted(meeting, key=lambda bus: -len(meeting[bus])):
        if root in parents:
            continue
        parents[root] = (root, -1, 0)
        queue = deque([root])
        while queue:
            bus = queue.popleft()
            for neighbour, at in meeting[bus]:
                if neighbour not in parents:
                    parents[neighbour] = (bus, at, parents[bus][2] + 1)
                    queue.append(neighbour)
    return parents


def _loop(branches: list[Ends], parents: dict[int, tuple[int, int, int]], closing: int) -> Loop:
    """Along the closing branch, then from its end up to where both ends meet, and down to its start."""
    down, up = branches[closing]
    loop: Loop = [(closing, 1)]
    while up != down:
        if parents[up][2] >= parents[down][2]:
            parent, via, _ = parents[up]
            loop.append((via, 1 if branches[via][0] == up else -1))
            up = parent
        else:
            parent, via, _ = parents[down]
            loop.append((via, 1 if branches[via][1] == down else -1))
            down = parent
    return loop
