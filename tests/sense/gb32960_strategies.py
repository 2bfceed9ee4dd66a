"""Strategies for frames of GB/T 32960, made from the same tables that read them."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from bihuan.sense.protocols.gb32960.bodies import ALARMS, BODIES, GEARS, Fields


class Drawing:
    """Draws a value for every field it is told of, null ones included."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.draw = draw
        self.fields: dict[str, Any] = {}
        self.reasons: dict[str, str] = {}

    def done(self) -> dict[str, Any]:
        return {**self.fields, "null_reasons": self.reasons} if self.reasons else self.fields

    def number(self, name: str, width: int, scale: int = 1, offset: int = 0) -> None:
        self.fields[name] = self._value(name, width, scale, offset)

    def choice(self, name: str, names: dict[int, str]) -> None:
        raw = self._raw(name, 1)
        self.fields[name] = names.get(raw, raw) if raw is not None else None

    def numbers(self, name: str, count_width: int, width: int, scale: int = 1, offset: int = 0) -> None:
        count = self._count(name)
        if count is not None:
            self.fields[name] = [self._value(f"{name}[{n}]", width, scale, offset) for n in range(count)]

    def objects(self, name: str, part: Callable[[Fields], None]) -> None:
        count = self._count(name)
        if count is not None:
            self.fields[name] = [drawn(self.draw, part) for _ in range(count)]

    def words(self, name: str) -> None:
        count = self._count(name)
        if count is not None:
            self.fields[name] = [self.draw(st.binary(min_size=4, max_size=4)).hex() for _ in range(count)]

    def pedal(self, name: str) -> None:
        raw = self._raw(name, 1)
        self.fields[name] = None if raw == 101 else raw
        if raw == 101:
            self.reasons[name] = "applied_no_travel"

    def gear(self) -> None:
        self.fields["gear"] = self.draw(st.sampled_from(list(GEARS.values())))
        self.fields["drive_force"] = self.draw(st.booleans())
        self.fields["brake_force"] = self.draw(st.booleans())

    def place(self) -> None:
        self.fields["valid"] = self.draw(st.booleans())
        for name, most in (("lon_deg", 180_000_000), ("lat_deg", 90_000_000)):
            self.fields[name] = self.draw(st.integers(-most, most)) / 1_000_000

    def alarm_bits(self) -> None:
        bits = self.draw(st.integers(0, 2**32 - 1))
        self.fields["flags"] = [name for bit, name in enumerate(ALARMS) if bits >> bit & 1]

    def _count(self, name: str) -> int | None:
        count: int | None = self.draw(st.one_of(st.integers(0, 3), st.none()))
        if count is None:
            self.fields[name] = None
            self.reasons[name] = self.draw(st.sampled_from(["invalid", "abnormal"]))
        return count

    def _raw(self, name: str, width: int) -> int | None:
        all_ones = (1 << 8 * width) - 1
        raw: int = self.draw(st.one_of(st.integers(0, all_ones), st.integers(all_ones - 1, all_ones)))
        if raw >= all_ones - 1:
            self.reasons[name] = "invalid" if raw == all_ones else "abnormal"
            return None
        return raw

    def _value(self, name: str, width: int, scale: int, offset: int) -> float | None:
        raw = self._raw(name, width)
        return None if raw is None else (raw - offset) / scale if scale != 1 else raw - offset


def drawn(draw: Callable[[st.SearchStrategy[Any]], Any], part: Callable[[Fields], None]) -> dict[str, Any]:
    drawing = Drawing(draw)
    part(drawing)
    return drawing.done()


@st.composite
def bodies(draw: Callable[[st.SearchStrategy[Any]], Any]) -> list[dict[str, Any]]:
    """Return information bodies; one of unknown type may stand last, for it takes all that is left."""
    result = []
    for code in draw(st.lists(st.sampled_from(sorted(BODIES)), max_size=4)):
        name, part = BODIES[code]
        result.append({"type": name, **drawn(draw, part)})
    if draw(st.booleans()):
        vendor = st.fixed_dictionaries(
            {
                "type": st.just("vendor"),
                "code": st.integers(0x80, 0xFE),
                "data_hex": st.binary(max_size=9).map(bytes.hex),
            }
        )
        result.append(draw(vendor))
    if draw(st.booleans()):
        code = st.sampled_from([0, 10, 0x7F, 0xFF])
        result.append({"type": "unknown", "code": draw(code), "data_hex": draw(st.binary(max_size=9)).hex()})
    return result
