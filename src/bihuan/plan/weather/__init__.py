"""Synthetic weather of a place: climate normals and a seed -> hourly series. A made-up year, never a measured one.

`hourly(climate, seed)` gives temperature, wind and photovoltaic output per MW, the shape of load and a spot price.
Needs the extra `weather` (pvlib) for the position of the sun; what it writes ships with the pack, so solving does not.
"""

from bihuan.plan.weather.climate import Climate, read_climate
from bihuan.plan.weather.year import hourly, write_series

__all__ = ["Climate", "hourly", "read_climate", "write_series"]
