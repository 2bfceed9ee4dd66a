"""What the public sees of a photograph: the picture, and nothing of who took it where."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bihuan.core.errors import FormatError
from bihuan.show.photographs import LONGEST_SIDE, for_everybody

ORIENTATION, MAKE, GPS, LATITUDE = 0x0112, 0x010F, 0x8825, 2


def photograph(kind: str = "JPEG", size: tuple[int, int] = (400, 200)) -> bytes:
    """A picture, red on the left, taken with the camera on its side, with its place."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = 6, "camera of somebody"
    exif.get_ifd(GPS)[LATITUDE] = (37.0, 51.0, 12.0)
    written = io.BytesIO()
    image.save(written, kind, exif=exif, comment=b"a note")
    return written.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_the_picture_is_told_and_it_stands_upright(kind: str) -> None:
    taken = photograph(kind)
    assert b"camera of somebody" in taken
    shown = for_everybody(taken)
    assert b"somebody" not in shown
    assert b"a note" not in shown
    with Image.open(io.BytesIO(shown)) as image:
        assert dict(image.getexif()) == {}
        assert image.size == (200, 400)
        red, _, blue = image.convert("RGB").getpixel((100, 20))  # type: ignore[misc]  # three channels
        assert red > blue


def test_large_ones_are_made_small_and_transparent_ones_white() -> None:
    with Image.open(io.BytesIO(for_everybody(photograph(size=(6000, 3000))))) as image:
        assert max(image.size) == LONGEST_SIDE
    written = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(written, "PNG")
    with Image.open(io.BytesIO(for_everybody(written.getvalue()))) as image:
        assert min(image.getpixel((4, 4))) > 250  # type: ignore[arg-type, type-var]  # three channels


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff no picture", photograph()[:300]])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(FormatError, match="cannot be read as a picture"):
        for_everybody(content)
