"""HJ 212 frames decoded on one core, beside a floor of a compiled CRC and a bare string split in the same run.

The floor is what no decoder in Python can do without: the check of appendix A in C, and the text cut into names and
values that are still strings. Ours are reports with typed values; `decode` goes on to the JSON of `sense decode`.
"""

import ctypes
import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bihuan.sense.protocols import hj212
from bihuan.sense.protocols.hj212 import frames

CODES = "a34004 a34002 a21026 a21004 a21005 a05024 a01001 a01002 a01006 a01007 a01008".split()
FRAMES = 10_000
ROUNDS = 8
_CRC_IN_C = """
static unsigned short table[256];
void fill(void) {
    for (int i = 0; i < 256; i++) {
        unsigned v = i;
        for (int k = 0; k < 8; k++) v = (v >> 1) ^ ((v & 1) ? 0xA001 : 0);
        table[i] = v;
    }
}
unsigned short crc(const unsigned char *body, int count) {
    unsigned short r = 0xFFFF;
    for (int i = 0; i < count; i++) r = table[(r >> 8) ^ body[i]];
    return r;
}
"""


def bench() -> None:
    """Print frames a second of both, and their ratio."""
    bodies = [body(number) for number in range(FRAMES)]
    sent = [b"##%04d%s%04X\r\n" % (len(b), b, hj212.crc16(b)) for b in bodies]
    crc = compiled_crc()
    assert all(crc(b, len(b)) == hj212.crc16(b) for b in bodies[:100])
    floor, reports, as_json = best(lambda: floor_of(bodies, crc), lambda: read(sent), lambda: hj212.decode(sent))
    size = sum(map(len, sent)) / len(sent)
    print(f"{len(CODES)} factors, {size:.0f} bytes a frame, {FRAMES} frames from 50 devices, best of {ROUNDS}")
    for name, seconds in (("floor", floor), ("typed values with CRC", reports), ("sense decode's frames", as_json)):
        print(
            f"{name:>24} {FRAMES / seconds:>9,.0f} frames/s {seconds / FRAMES * 1e6:>6.1f} µs {floor / seconds:>5.2f} of the floor"
        )


def body(number: int) -> bytes:
    """Return the body of one frame of one of 50 devices, a second after the last."""
    chance = random.Random(number)
    values = ";".join(f"{code}-Rtd={chance.uniform(0, 500):.3f},{code}-Flag=N" for code in CODES)
    at = f"202403010{8 + number // 3600 % 2}{number // 60 % 60:02}{number % 60:02}"
    head = f"QN={at}{number % 1000:03};ST=22;CN=2011;PW=123456;MN=A14030{number % 50:04};Flag=5;"
    return f"{head}CP=&&DataTime={at};{values}&&".encode()


def compiled_crc() -> Callable[[bytes, int], int]:
    """Return the check compiled from C by the machine's compiler."""
    folder = Path(tempfile.mkdtemp())
    (folder / "crc.c").write_text(_CRC_IN_C)
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", folder / "crc.so", folder / "crc.c"], check=True)
    library = ctypes.CDLL(str(folder / "crc.so"))
    library.fill()
    library.crc.argtypes, library.crc.restype = [ctypes.c_char_p, ctypes.c_int], ctypes.c_ushort
    return library.crc


def floor_of(bodies: list[bytes], crc: Callable[[bytes, int], int]) -> None:
    """Check each body and cut it into names and values."""
    for one in bodies:
        crc(one, len(one))
        [pair.split("=") for pair in one.decode().replace(",", ";").split(";")]


def read(sent: list[bytes]) -> None:
    """Read each frame from the byte stream to typed values."""
    stream = frames.reader()
    for one in sent:
        (report,) = stream.feed(one)
        assert isinstance(report, frames.Report)


def best(*works: Callable[[], object]) -> list[float]:
    """Return the shortest of several runs of each [s]; they take turns, so that a busy machine is busy for all."""
    seconds = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for at, work in enumerate(works):
            start = time.perf_counter()
            work()
            seconds[at] = min(seconds[at], time.perf_counter() - start)
    return seconds


if __name__ == "__main__":
    bench()
