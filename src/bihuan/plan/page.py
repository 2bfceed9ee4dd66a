"""The reference page of the model, made from the table of attributes that the code uses.

`python -m bihuan.plan.page docs/reference/plan-model.md` writes it anew; a test holds it true.
"""

from __future__ import annotations

import sys
from math import isinf, isnan
from pathlib import Path

from bihuan.plan.attribute import Attribute, Default
from bihuan.plan.attributes import ATTRIBUTES, PYPSA

_HEAD = """# The model: components, attributes, units, signs

Made from `bihuan.plan.attributes` by `python -m bihuan.plan.page`; do not edit by hand.

Names, defaults, units and signs are those of PyPSA 1.4. *by snapshot*: the attribute may have a value for each snapshot.

**Signs.** Generators, storage units and stores feed their bus when `p` is positive (times `sign`); loads draw from it.
Links, lines and transformers draw `p0` from `bus0`; `p1`, `p2`, … are negative where a bus receives. Prices and shadow
prices say how the objective changes with one more MWh of demand, or one more unit of a constraint's constant: a cap on
CO2 that binds has a negative one. Prices are per MWh: the weighting of the snapshot is divided out.

**Weightings.** `objective` counts a snapshot's cost, `stores` the hours between levels, `generators` the hours in
budgets and energy sums. Starts and stops count once, whatever the weighting. With investment periods costs count
`objective` of the period, budgets its `years`.

**Limits over components.** `global_constraints.type` is one of: `primary_energy` (Σ p / efficiency · rate of the
carrier, plus what non-cyclic storage of the carrier has used), `operational_limit` (Σ p of a carrier),
`tech_capacity_expansion_limit` (chosen capacity of a carrier, at `bus` if named),
`transmission_volume_expansion_limit` (Σ length · capacity of lines and links) and
`transmission_expansion_cost_limit` (Σ capital_cost · capacity). `carriers.max_growth` bounds new capacity by period;
columns `nom_min_<carrier>` and `nom_max_<carrier>` of buses bound what is chosen there.

**Not modelled, and refused by name:** piecewise curves (`…-pw.csv`), scheduled maintenance, scenarios of PyPSA,
losses of lines (an option of PyPSA's call, not of its folders).
"""
_OWN = "## The city's own kinds\n\nBeyond PyPSA; only packs have them.\n"


def page() -> str:
    """Return the page in Markdown."""
    own = [kind for kind in ATTRIBUTES if kind not in PYPSA]
    parts = [_HEAD, *(_section(kind) for kind in PYPSA), _OWN, *(_section(kind) for kind in own)]
    return "\n".join(parts)


def _section(kind: str) -> str:
    rows = [_row(name, attribute) for name, attribute in ATTRIBUTES[kind].items()]
    return "\n".join(
        [f"### `{kind}`", "", "| attribute | unit | default | meaning |", "| --- | --- | --- | --- |", *rows, ""]
    )


def _row(name: str, attribute: Attribute) -> str:
    unit = f"{attribute.unit}, by snapshot" if attribute.varying and attribute.unit else attribute.unit
    return f"| `{name}` | {unit or '–'} | {_shown(attribute.default)} | {attribute.meaning} |"


def _shown(default: Default) -> str:
    if isinstance(default, float):
        if isnan(default):
            return "none"
        return f"{'−' if default < 0 else ''}∞" if isinf(default) else f"{default:g}".replace("-", "−")
    return str(default).lower() if isinstance(default, bool) else default or "–"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
