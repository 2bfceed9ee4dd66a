"""The device registry as a gateway holds it: read whole once, and every few seconds what has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bihuan.core.quantity import convert
from bihuan.core.records.entity import Registered
from bihuan.core.records.observation import Layout
from bihuan.store import devices
from bihuan.store.connect import Store

_MOST_SECRETS = 20_000


class ChangedDevices:
    """Reads the devices of a protocol that are new or changed since it was asked last; at first all.

    Devices are retired, never deleted, so nothing is missed by it.

    Args:
        store: open.
        protocol: of the devices.
    """

    def __init__(self, store: Store, protocol: str) -> None:
        self._store = store
        self._protocol = protocol
        self._since = "0"
        self.read = 0
        """How many rows were read so far."""

    def __call__(self) -> dict[str, Registered]:
        """Read them."""
        with self._store.connection() as connection:
            found, self._since = devices.changed(connection, self._protocol, self._since)
        self.read += len(found)
        return found


class Registry:
    """Devices of one protocol by their identifiers.

    Args:
        load: reads from the store those that are new or changed since it was asked last, at first all; see `ChangedDevices`.
    """

    def __init__(self, load: Callable[[], Mapping[str, Registered]]) -> None:
        self._load = load
        self._devices = dict(load())
        self._factors: dict[tuple[int, Layout], tuple[float, ...] | None] = {}
        self._good_secrets: set[tuple[int, str | None, str | None]] = set()

    def reload(self) -> None:
        """Read what has changed."""
        new = {identifier: one for identifier, one in self._load().items() if self._devices.get(identifier) != one}
        if new:
            self._devices.update(new)
            self._factors = {}

    def get(self, identifier: str | None) -> Registered | None:
        """Return a device, None where it is unknown or no longer obeyed."""
        device = self._devices.get(identifier) if identifier else None
        return device if device is not None and device.active else None

    def is_secret(self, device: Registered, sent: str | None) -> bool:
        """Return whether a device sent its password; what was right once is not hashed again."""
        key = (device.number, device.secret, sent)
        if key in self._good_secrets:
            return True
        if not devices.is_secret(device, sent):
            return False
        if len(self._good_secrets) >= _MOST_SECRETS:
            self._good_secrets.clear()
        self._good_secrets.add(key)
        return True

    def factors(self, device: Registered, layout: Layout) -> tuple[float, ...] | None:
        """Return what each value is multiplied with to stand in its canonical unit; None where all are there already.

        Raises:
            UnitError: the registry names a unit of another dimension.
        """
        if not device.sends:
            return None
        key = (device.number, layout)
        if key not in self._factors:
            self._factors[key] = _factors(device.sends, layout)
        return self._factors[key]


def _factors(sends: Mapping[str, str], layout: Layout) -> tuple[float, ...] | None:
    # Rounded: a thousand is a thousand, whatever the way through base units made of it.
    factors = tuple(
        float(f"{convert(1.0, sends[attribute], unit):.12g}") if attribute in sends and unit else 1.0
        for attribute, unit in zip(layout.attributes, layout.units, strict=True)
    )
    return None if all(factor == 1.0 for factor in factors) else factors
