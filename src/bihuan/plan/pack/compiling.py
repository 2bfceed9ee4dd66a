"""A pack's scenario -> a `Network`: general kinds as PyPSA has them, the city's own kinds beside them.

A fuel is a bus counted in tce with one generator that brings it in, so that its price, its budget and its emissions are
those of a flow like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from bihuan.plan.city.ets import GJ_PER_MWH, CarbonPrice
from bihuan.plan.city.heat import demand_mw
from bihuan.plan.city.retrofit import FIELDS, Version, versions
from bihuan.plan.network import Network
from bihuan.plan.pack.entry import EnergyPack, Entry, Value
from bihuan.plan.pack.fields import BY_NAME
from bihuan.plan.pack.scenario import BASE, components_of
from bihuan.plan.pack.table import Cell, TableMaker
from bihuan.plan.pack.weeks import Choice, choose

_HOURS_PER_YEAR = 8760.0


def compile_network(pack: EnergyPack, scenario: str = BASE, *, hours: int | None = None) -> Network:
    """Return the network of a scenario.

    Args:
        pack: the energy folder.
        scenario: its name; `base` for the base case.
        hours: whole weeks that stand for the year, such as 672; None for every hour.

    Raises:
        InputError: no such scenario, or hours that are no whole weeks.
    """
    choice = choose(pack.series, len(pack.snapshots), hours)
    return _Compiler(pack, components_of(pack, scenario), choice).network(scenario)


@dataclass(frozen=True)
class _Compiler:
    pack: EnergyPack
    entries: list[Entry]
    choice: Choice

    def network(self, scenario: str) -> Network:
        snapshots = tuple(self.pack.snapshots[hour] for hour in self.choice.hours)
        size = len(snapshots)
        weight = np.full(size, self.choice.weight)
        weightings = {"objective": weight, "stores": np.ones(size), "generators": weight}
        makers = (
            self._buses(),
            self._carriers(),
            self._fuels(),
            self._generators(),
            self._thermal_units(),
            self._storage_units(),
            self._links(),
            self._plain("loads"),
            self._plain("flexible_loads"),
            self._heat_districts(snapshots),
            *(self._plain(kind) for kind in ("export_contracts", "reserves", "storage_rules", "budgets")),
        )
        tables = {maker.kind: maker.table() for maker in makers}
        return Network(f"{self.pack.name} {scenario}", snapshots, weightings, tables)

    def _of(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == kind]

    def cell(self, entry: Entry, name: str) -> Cell:
        """Return a field's number, series, text or flag; the default where it was not given."""
        content = entry.values.get(name)
        if isinstance(content, Value):
            return (
                self.pack.series[content.series][self.choice.hours] * content.number
                if content.series
                else content.number
            )
        if content is not None:
            return content
        field = BY_NAME[entry.kind].field(name)
        assert field is not None
        assert field.default is not None
        return field.default

    def _number(self, entry: Entry, name: str) -> float:
        return float(cast(float, self.cell(entry, name)))

    def _text(self, entry: Entry, name: str) -> str:
        return str(self.cell(entry, name))

    def _plain(self, kind: str) -> TableMaker:
        """A kind whose fields are its attributes."""
        maker = TableMaker(kind)
        for entry in self._of(kind):
            maker.add(entry.name, **{field.name: self.cell(entry, field.name) for field in BY_NAME[kind].fields})
        return maker

    def _carbon(self) -> CarbonPrice:
        prices = self._of("carbon_prices")
        if not prices:
            return CarbonPrice()
        return CarbonPrice(self._number(prices[-1], "price"), self._text(prices[-1], "scheme") == "benchmark")

    def _buses(self) -> TableMaker:
        maker = TableMaker("buses")
        for entry in self._of("buses"):
            maker.add(entry.name, carrier=self._text(entry, "carrier"))
        for entry in self._of("fuels"):
            maker.add(entry.name, carrier=entry.name)
        return maker

    def _carriers(self) -> TableMaker:
        maker = TableMaker("carriers")
        for entry in self._of("fuels"):
            maker.add(entry.name, co2_emissions=self._number(entry, "co2"))
        for kind in ("generators", "links", "storage_units"):
            for entry in self._of(kind):
                maker.add(self._text(entry, "carrier"), co2_emissions=0.0)
        return maker

    def _fuels(self) -> TableMaker:
        maker = TableMaker("fuels")
        for entry in self._of("fuels"):
            maker.add(entry.name, co2=self._number(entry, "co2"))
        return maker

    def _generators(self) -> TableMaker:
        maker = TableMaker("generators")
        for entry in self._of("fuels"):
            price = self.cell(entry, "price") + self._carbon().on_fuel(self._number(entry, "co2"))  # type: ignore[operator]
            maker.add(
                entry.name,
                bus=entry.name,
                carrier=entry.name,
                p_nom=self._number(entry, "supply_max"),
                marginal_cost=price,
            )
        for entry in self._of("generators"):
            most = self._number(entry, "energy_max")
            maker.add(
                entry.name,
                bus=self._text(entry, "bus"),
                carrier=self._text(entry, "carrier"),
                renewable=self.cell(entry, "renewable"),
                p_max_pu=self.cell(entry, "p_max_pu"),
                p_min_pu=self.cell(entry, "p_min_pu"),
                marginal_cost=self.cell(entry, "marginal_cost"),
                e_sum_max=most or np.inf,
                **self._investment(entry),
            )
        for entry in self._of("markets"):
            self._market(maker, entry)
        return maker

    def _market(self, maker: TableMaker, entry: Entry) -> None:
        price, fee = self.cell(entry, "price"), self._number(entry, "fee")
        about = {"bus": self._text(entry, "bus"), "carrier": "market"}
        buy, sell = self._number(entry, "buy_max"), self._number(entry, "sell_max")
        if buy:
            maker.add(f"{entry.name}（买）", p_nom=buy, marginal_cost=price + fee, **about)  # type: ignore[operator]
        if sell:
            cost = -(price - fee)  # type: ignore[operator]
            maker.add(f"{entry.name}（卖）", p_nom=sell, marginal_cost=cost, sign=-1.0, **about)

    def _investment(self, entry: Entry) -> dict[str, Cell]:
        """Capacity that stands, or may be built up to `p_nom_max`."""
        most = self._number(entry, "p_nom_max")
        if most <= 0:
            return {"p_nom": self._number(entry, "p_nom")}
        per_mw = self._number(entry, "investment") * 1000
        years = self.choice.weight * self.choice.hours.size / _HOURS_PER_YEAR
        return {
            "p_nom_extendable": True,
            "p_nom_max": most,
            "overnight_cost": per_mw,
            "discount_rate": self.pack.discount_rate.number,
            "lifetime": self._number(entry, "lifetime"),
            "fom_cost": per_mw * self._number(entry, "fixed_om") * years,
        }

    def _storage_units(self) -> TableMaker:
        maker = TableMaker("storage_units")
        plain = (
            "bus",
            "carrier",
            "max_hours",
            "efficiency_store",
            "efficiency_dispatch",
            "standing_loss",
            "marginal_cost",
        )
        for entry in self._of("storage_units"):
            cells = {name: self.cell(entry, name) for name in plain}
            maker.add(entry.name, cyclic_state_of_charge=True, **cells, **self._investment(entry))
        return maker

    def _links(self) -> TableMaker:
        maker = TableMaker("links")
        for entry in self._of("links"):
            cells = {
                name: self.cell(entry, name)
                for name in ("bus0", "bus1", "carrier", "p_min_pu", "efficiency", "marginal_cost")
            }
            maker.add(entry.name, **cells, **self._investment(entry))
        return maker

    def _heat_districts(self, snapshots: tuple[str, ...]) -> TableMaker:
        maker = TableMaker("heat_districts")
        for entry in self._of("heat_districts"):
            temperature = np.broadcast_to(np.asarray(self.cell(entry, "temperature")), (len(snapshots),))
            demand = demand_mw(
                snapshots,
                temperature,
                area_mm2=self._number(entry, "area"),
                design_w_per_m2=self._number(entry, "design_load"),
                indoor_c=self._number(entry, "indoor"),
                design_outdoor_c=self._number(entry, "design_outdoor"),
                season=(self._text(entry, "season_begin"), self._text(entry, "season_end")),
                loss=self._number(entry, "loss"),
            )
            cells = {name: self.cell(entry, name) for name in ("bus", "obligation", "shortfall_cost")}
            maker.add(entry.name, demand=demand, **cells)
        return maker

    def _thermal_units(self) -> TableMaker:
        maker = TableMaker("thermal_units")
        for entry in self._of("thermal_units"):
            region = {name: self._number(entry, name) for name in FIELDS}
            retrofits = [r for r in self._of("retrofits") if self._text(r, "unit") == entry.name]
            options = {r.name: self._option(r) for r in retrofits}
            whole = any(self.cell(r, "whole") for r in retrofits)
            for version in versions(entry.name, region, options):
                stands: dict[str, Cell] = {"p_nom": self._number(entry, "p_nom")}
                self._version(maker, entry, version, self._chosen(entry, version, whole) if retrofits else stands)
        return maker

    def _option(self, retrofit: Entry) -> dict[str, float]:
        return {name: self._number(retrofit, name) for name in (*FIELDS, "investment", "lifetime")}

    def _version(self, maker: TableMaker, entry: Entry, version: Version, size: dict[str, Cell]) -> None:
        plant_mw, region = self._number(entry, "p_nom"), version.region
        auxiliary, carbon = self._number(entry, "auxiliary"), self._carbon()
        credit = carbon.power_credit(self._number(entry, "benchmark_power"), auxiliary)
        plain = ("bus", "heat_bus", "fuel", "type", "availability", "online_min_pu", "ramp", "start_cost")
        cells = {name: self.cell(entry, name) for name in plain}
        maker.add(
            version.name,
            auxiliary=auxiliary,
            coal_rate=region["coal_rate"] / 1000,
            heat_rate=region["heat_rate"] / 1000 * GJ_PER_MWH,
            c_v=region["c_v"],
            c_b=region["c_b"],
            q_nom_pu=region["q_nom"] / plant_mw if plant_mw else 0.0,
            p_min_pu=region["p_min_pu"],
            marginal_cost=self._number(entry, "marginal_cost") - credit,
            marginal_cost_heat=-carbon.heat_credit(self._number(entry, "benchmark_heat")),
            **cells,
            **size,
        )

    def _chosen(self, entry: Entry, version: Version, whole: bool) -> dict[str, Cell]:
        size = self._number(entry, "p_nom")
        return {
            "p_nom_extendable": True,
            "p_nom_max": size,
            "p_nom_mod": self._number(entry, "unit_size") if whole else 0.0,
            "overnight_cost": version.investment * 1000,
            "discount_rate": self.pack.discount_rate.number,
            "lifetime": version.lifetime,
            "group": entry.name,
            "group_p_nom": size,
        }
