"""The national carbon market (全国碳市场): emissions are paid for, an allowance by benchmark is given for output.

    cost = price · (emissions − benchmark_power · power to the grid − benchmark_heat · heat)

`benchmark` gives the allowance, `tax` does not. Both terms are linear in fuel and output, so the plan sees them as an
addition to the fuel's price and a credit for each MWh.

Source: allocation plans of the ministry of ecology and environment for 2021–2022 and 2023–2024, allowance by output and
benchmark. Benchmarks to 2022 are per MWh to the grid; later ones per gross MWh, which the pack has to convert.
"""

from __future__ import annotations

from dataclasses import dataclass

GJ_PER_MWH = 3.6


@dataclass(frozen=True, slots=True)
class CarbonPrice:
    """What a tonne costs, and whether there is a free allowance."""

    price: float = 0.0
    """CNY/t."""
    benchmark: bool = False

    def on_fuel(self, co2_per_tce: float) -> float:
        """Return what is added to the price of one tce [CNY]."""
        return self.price * co2_per_tce

    def power_credit(self, benchmark_t_per_mwh: float, auxiliary: float) -> float:
        """Return the allowance's worth for one gross MWh [CNY]; the benchmark counts net MWh."""
        return self.price * benchmark_t_per_mwh * (1 - auxiliary) if self.benchmark else 0.0

    def heat_credit(self, benchmark_t_per_gj: float) -> float:
        """Return the allowance's worth for one MWh of heat [CNY]."""
        return self.price * benchmark_t_per_gj * GJ_PER_MWH if self.benchmark else 0.0
