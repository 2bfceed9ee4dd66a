"""bihuan (闭环): from what a city promises to what a city does, one closed loop.

Five engines over one store, each usable alone: `bihuan.read`, `sense`, `plan`, `act` and `show`.
"""

__version__ = "0.1.0"
