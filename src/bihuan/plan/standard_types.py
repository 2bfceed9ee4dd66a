"""Standard types of lines and transformers: impedances for networks that name a type, and what follows from them."""

from __future__ import annotations

import numpy as np

from bihuan.plan.faults import Fault
from bihuan.plan.network import Components, Floats, Network

OHM_PER_KM: dict[str, tuple[float, float]] = {
    "149-AL1/24-ST1A 10.0": (0.194, 0.315),
    "149-AL1/24-ST1A 110.0": (0.194, 0.41),
    "149-AL1/24-ST1A 20.0": (0.194, 0.337),
    "15-AL1/3-ST1A 0.4": (1.8769, 0.35),
    "184-AL1/30-ST1A 110.0": (0.1571, 0.4),
    "184-AL1/30-ST1A 20.0": (0.1571, 0.33),
    "24-AL1/4-ST1A 0.4": (1.2012, 0.335),
    "243-AL1/39-ST1A 110.0": (0.1188, 0.39),
    "243-AL1/39-ST1A 20.0": (0.1188, 0.32),
    "305-AL1/39-ST1A 110.0": (0.0949, 0.38),
    "34-AL1/6-ST1A 10.0": (0.8342, 0.36),
    "34-AL1/6-ST1A 20.0": (0.8342, 0.382),
    "48-AL1/8-ST1A 0.4": (0.5939, 0.3),
    "48-AL1/8-ST1A 10.0": (0.5939, 0.35),
    "48-AL1/8-ST1A 20.0": (0.5939, 0.372),
    "48-AL1/8-ST1A 110.0": (0.5939, 0.46),
    "70-AL1/11-ST1A 10.0": (0.4132, 0.339),
    "70-AL1/11-ST1A 20.0": (0.4132, 0.36),
    "70-AL1/11-ST1A 110.0": (0.4132, 0.45),
    "94-AL1/15-ST1A 0.4": (0.306, 0.29),
    "94-AL1/15-ST1A 10.0": (0.306, 0.33),
    "94-AL1/15-ST1A 20.0": (0.306, 0.35),
    "94-AL1/15-ST1A 110.0": (0.306, 0.44),
    "122-AL1/20-ST1A 10.0": (0.2376, 0.323),
    "122-AL1/20-ST1A 20.0": (0.2376, 0.344),
    "122-AL1/20-ST1A 110.0": (0.2376, 0.43),
    "490-AL1/64-ST1A 220.0": (0.059, 0.285),
    "490-AL1/64-ST1A 380.0": (0.059, 0.253),
    "490-AL1/64-ST1A 110.0": (0.059, 0.37),
    "679-AL1/86-ST1A 110.0": (0.042, 0.36),
    "679-AL1/86-ST1A 220.0": (0.042, 0.275),
    "679-AL1/86-ST1A 380.0": (0.042, 0.25),
    "N2XS(FL)2Y 1x120 RM/35 64/110 kV": (0.153, 0.166),
    "N2XS(FL)2Y 1x185 RM/35 64/110 kV": (0.099, 0.156),
    "N2XS(FL)2Y 1x240 RM/35 64/110 kV": (0.075, 0.149),
    "N2XS(FL)2Y 1x300 RM/35 64/110 kV": (0.06, 0.144),
    "NA2XS2Y 1x95 RM/25 6/10 kV": (0.313, 0.123),
    "NA2XS2Y 1x185 RM/25 6/10 kV": (0.161, 0.11),
    "NA2XS2Y 1x240 RM/25 6/10 kV": (0.122, 0.105),
    "NA2XS2Y 1x150 RM/25 12/20 kV": (0.206, 0.116),
    "NA2XS2Y 1x185 RM/25 12/20 kV": (0.161, 0.117),
    "NA2XS2Y 1x240 RM/25 12/20 kV": (0.122, 0.112),
    "NA2XS2Y 1x120 RM/25 12/20 kV": (0.253, 0.119),
    "NA2XS2Y 1x70 RM/25 12/20 kV": (0.443, 0.132),
    "NA2XS2Y 1x95 RM/25 12/20 kV": (0.313, 0.132),
    "NA2XS2Y 1x150 RM/25 6/10 kV": (0.206, 0.11),
    "NA2XS2Y 1x120 RM/25 6/10 kV": (0.253, 0.113),
    "NA2XS2Y 1x70 RM/25 6/10 kV": (0.443, 0.123),
    "NAYY 4x120 SE": (0.225, 0.08),
    "NAYY 4x150 SE": (0.208, 0.08),
    "NAYY 4x50 SE": (0.642, 0.083),
    "Al/St 240/40 2-bundle 220.0": (0.06, 0.301),
    "Al/St 240/40 3-bundle 300.0": (0.04, 0.265),
    "Al/St 240/40 4-bundle 380.0": (0.03, 0.246),
    "Al/St 490/64 4-bundle 380.0": (0.015, 0.16),
    "HTLS 4-bundle 380.0": (0.02, 0.26),
    "Al/St 560/50 4-bundle 750.0": (0.013, 0.276),
    "HVDC XLPE 1000": (0.0022, 1e-06),
    "HVDC Oil filled 1400": (0.00264, 1e-06),
}
"""Type -> (resistance, reactance) [Ohm/km] of one circuit.

Source: Heuck et al., Elektrische Energieversorgung (2013); Oeding and Oswald, Elektrische Kraftwerke und Netze (2011);
under the type names that pandapower and PyPSA share.
"""


TRANSFORMERS: dict[str, tuple[float, float, float, float, float, float]] = {
    "0.25 MVA 10/0.4 kV": (0.25, 4.0, 1.2, 150.0, 0.0, 2.5),
    "0.25 MVA 20/0.4 kV": (0.25, 6.0, 1.44, 150.0, 0.0, 2.5),
    "0.4 MVA 10/0.4 kV": (0.4, 4.0, 1.325, 150.0, 0.0, 2.5),
    "0.4 MVA 20/0.4 kV": (0.4, 6.0, 1.425, 150.0, 0.0, 2.5),
    "0.63 MVA 10/0.4 kV": (0.63, 4.0, 1.0794, 150.0, 0.0, 2.5),
    "0.63 MVA 20/0.4 kV": (0.63, 6.0, 1.206, 150.0, 0.0, 2.5),
    "25 MVA 110/10 kV": (25.0, 10.04, 0.276, 150.0, 0.0, 1.5),
    "25 MVA 110/20 kV": (25.0, 11.2, 0.282, 150.0, 0.0, 1.5),
    "40 MVA 110/10 kV": (40.0, 10.04, 0.295, 150.0, 0.0, 1.5),
    "40 MVA 110/20 kV": (40.0, 11.2, 0.302, 150.0, 0.0, 1.5),
    "63 MVA 110/10 kV": (63.0, 10.04, 0.31, 150.0, 0.0, 1.5),
    "63 MVA 110/20 kV": (63.0, 11.2, 0.322, 150.0, 0.0, 1.5),
    "100 MVA 220/110 kV": (100.0, 12.0, 0.26, 0.0, 0.0, 1.5),
    "160 MVA 380/110 kV": (160.0, 12.2, 0.25, 0.0, 0.0, 1.5),
}
"""Type -> s_nom [MVA], vsc [%], vscr [%], phase shift [degrees], neutral tap position, tap step [%]. Source: as above."""


def resolve(network: Network, faults: list[Fault]) -> Network:
    """Return the network with what PyPSA derives before it optimises.

    Lines and transformers of a standard type get its impedance (transformers its capacity, too); lines and links
    without a carrier take that of bus0, stores that of their bus.
    """
    tables = {
        "lines": _of_bus(network, _typed_lines(network, faults), "bus0"),
        "links": _of_bus(network, network["links"], "bus0"),
        "stores": _of_bus(network, network["stores"], "bus"),
        "transformers": _typed_transformers(network, faults),
    }
    return network.replace(**{kind: table for kind, table in tables.items() if len(table)})


def _of_bus(network: Network, components: Components, bus: str) -> Components:
    carriers = dict(zip(network["buses"].names, network["buses"].texts("carrier"), strict=True))
    pairs = zip(components.texts("carrier"), components.texts(bus), strict=True)
    filled = [carrier or carriers.get(at, "") for carrier, at in pairs]
    return components.with_column("carrier", np.array(filled, dtype=object))


def _typed_lines(network: Network, faults: list[Fault]) -> Components:
    lines, own = network["lines"], network["line_types"]
    known = {**OHM_PER_KM, **_own(own, "r_per_length", "x_per_length")}
    rows, types = _find(lines, known, faults)
    if not rows:
        return lines
    scale = (lines.numbers("length") / lines.numbers("num_parallel"))[rows]
    for at, attribute in enumerate(("r", "x")):
        values = lines.numbers(attribute)
        values[rows] = np.array([known[kind][at] for kind in types]) * scale
        lines = lines.with_column(attribute, values)
    return lines


def _typed_transformers(network: Network, faults: list[Fault]) -> Components:
    """Take r and x from the short-circuit voltage; the tap ratio from the tap's position."""
    transformers, own = network["transformers"], network["transformer_types"]
    fields = ("s_nom", "vsc", "vscr", "phase_shift", "tap_neutral", "tap_step")
    known = {**TRANSFORMERS, **_own(own, *fields)}
    rows, types = _find(transformers, known, faults)
    if not rows:
        return transformers
    s_nom, vsc, vscr, shift, neutral, step = np.array([known[kind] for kind in types]).T
    parallel = transformers.numbers("num_parallel")[rows]
    resistance, position = vscr / 100, transformers.numbers("tap_position")[rows]
    given: dict[str, Floats] = {
        "s_nom": s_nom,
        "r": resistance / parallel,
        "x": np.sqrt((vsc / 100) ** 2 - resistance**2) / parallel,
        "phase_shift": shift,
        "tap_ratio": 1 + (position - neutral) * step / 100,
    }
    for attribute, new in given.items():
        values = transformers.numbers(attribute)
        values[rows] = new
        transformers = transformers.with_column(attribute, values)
    return transformers


def _own(types: Components, *fields: str) -> dict[str, tuple[float, ...]]:
    """The network's own standard types."""
    return dict(zip(types.names, zip(*(types.numbers(name) for name in fields), strict=True), strict=True))


def _find(
    components: Components, known: dict[str, tuple[float, ...]], faults: list[Fault]
) -> tuple[list[int], list[str]]:
    """Rows of a standard type, and their types; an unknown type is a fault."""
    named = [(row, kind) for row, kind in enumerate(components.texts("type")) if kind]
    for row, kind in named:
        if kind not in known:
            expected = "a standard type that is known, or none and r and x instead"
            faults.append(Fault(components.kind, components.names[row], "type", "", repr(kind), expected))
    rows = [(row, kind) for row, kind in named if kind in known]
    return [row for row, _ in rows], [kind for _, kind in rows]
