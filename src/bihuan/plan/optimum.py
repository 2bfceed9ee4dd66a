"""A network -> the least-cost plan, with what each step took."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from bihuan.plan import answers, check, growth, highs, limits, squares
from bihuan.plan.city.parts import CITY
from bihuan.plan.components import ALL
from bihuan.plan.faults import FaultyNetwork
from bihuan.plan.highs import Method, Options
from bihuan.plan.model import Model, Settings
from bihuan.plan.network import Network
from bihuan.plan.results import Plan, read_back

Timer = Callable[[], float]
Part = Callable[[Model], None]

PARTS: tuple[Part, ...] = (*ALL, *CITY, limits.add, growth.add)
"""What a network becomes a problem by, in this order: components first, then what limits several of them.

A part adds to the `Model` it is given, and nothing where its table is empty. A part of a kind of its own has its
attributes in `attributes.ATTRIBUTES`; its results are read back by the labels of its blocks, `<kind>-<attribute>`.
"""


def solve(
    network: Network,
    method: Method = "auto",
    *,
    time_limit: float | None = None,
    options: Options | None = None,
    settings: Settings | None = None,
    timer: Timer = lambda: 0.0,
) -> Plan:
    """Return the least-cost plan of a network.

    Args:
        network: the energy system.
        method: algorithm of HiGHS; `auto` chooses by size.
        time_limit: seconds after which the solver stops without an optimum; None for no limit.
        options: all options of the solver; `method` and `time_limit` stand before those in it.
        settings: how the network is read as a problem.
        timer: clock that `seconds` is measured with, such as `time.perf_counter`.

    Raises:
        FaultyNetwork: the network contradicts itself; every fault is named.
        InputError: it uses what is not modelled.
        OutsideError: HiGHS refuses the problem.
    """
    chosen = options or Options()
    chosen = replace(chosen, method=method if method != "auto" else chosen.method)
    chosen = replace(chosen, time_limit=chosen.time_limit if time_limit is None else time_limit)
    begun = timer()
    demand_sound(network)
    model = build(network, settings)
    notes = make_solvable(model)
    solver, nonzeros = highs.hand_over(model.problem, chosen)
    built = timer()
    answer = answers.solved(solver, model.problem, chosen)
    if model.problem.whole.size and answer.row_duals.size:
        notes += ("prices are those of one more unit with everything whole, such as units on and off, as in the plan",)
    solved = timer()
    plan = read_back(model, answer, nonzeros, notes)
    plan.seconds.update(build=built - begun, solve=solved - built, results=timer() - solved)
    return plan


def demand_sound(network: Network) -> None:
    """Raise with every fault of a network, or return.

    Raises:
        FaultyNetwork: there is at least one.
    """
    faults = [fault for fault in check.check(network) if fault.severity == "fault"]
    if faults:
        raise FaultyNetwork(faults, where=network.name)


def build(network: Network, settings: Settings | None = None, parts: Iterable[Part] = PARTS) -> Model:
    """Return the problem of a network, ready to be handed over."""
    model = Model(network, settings)
    for add in parts:
        add(model)
    return model


def make_solvable(model: Model) -> tuple[str, ...]:
    """Bring the problem into a form that HiGHS takes, and return what has to be said about it."""
    if not (model.problem.whole.size and model.problem.quadratic.size):
        return ()
    short = squares.linearize(model.problem)
    return (
        f"quadratic costs were made piecewise linear ({squares.SEGMENTS} tangents each) because units are committed; "
        f"the objective is too low by at most {short:,.4g}",
    )
