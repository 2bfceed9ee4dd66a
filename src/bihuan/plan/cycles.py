"""A basis of the loops of a grid: each branch outside a spanning tree closes exactly one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from bihuan.plan.matrix import Indices

Loop = list[tuple[int, int]]
"""(branch, +1 along it or −1 against it), once around."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A line or transformer between two buses."""

    start: int
    end: int
    impedance: float
    flow: Indices
    """Its flow variables, shape (snapshots,)."""


def cycles(branches: list[Branch]) -> list[Loop]:
    """Return a loop for each branch that the breadth-first tree of its island leaves out; short ones by that tree.

    Source: J. Hörsch et al., Linear optimal power flow using cycle flows, EPSR 158 (2018).
    """
    parents = _tree(branches)
    in_tree = {via for _, via, _ in parents.values()}
    return [_loop(branches, parents, at) for at in range(len(branches)) if at not in in_tree]


def _tree(branches: list[Branch]) -> dict[int, tuple[int, int, int]]:
    """Bus -> (parent bus, branch to it, depth) for all but the roots, whose branch is −1."""
    meeting: dict[int, list[tuple[int, int]]] = {}
    for at, branch in enumerate(branches):
        meeting.setdefault(branch.start, []).append((branch.end, at))
        meeting.setdefault(branch.end, []).append((branch.start, at))
    parents: dict[int, tuple[int, int, int]] = {}
    for root in meeting:
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


def _loop(branches: list[Branch], parents: dict[int, tuple[int, int, int]], closing: int) -> Loop:
    """Along the closing branch, then from its end up to where both ends meet, and down to its start."""
    up, down = branches[closing].end, branches[closing].start
    loop: Loop = [(closing, 1)]
    while up != down:
        if parents[up][2] >= parents[down][2]:
            parent, via, _ = parents[up]
            loop.append((via, 1 if branches[via].start == up else -1))
            up = parent
        else:
            parent, via, _ = parents[down]
            loop.append((via, 1 if branches[via].end == down else -1))
            down = parent
    return loop
