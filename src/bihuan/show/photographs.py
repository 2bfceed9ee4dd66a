"""Photographs for everybody: upright, of a size for pages, without what the camera wrote beside the picture.

Where and when it was taken, by what and whose camera are nobody's business on a public list; the evidence itself is
kept as it came.
"""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from bihuan.core.errors import FormatError

MEDIA_TYPE = "image/jpeg"
LONGEST_SIDE = 1600
MOST_PIXELS = 100_000_000
"""A picture that claims more is not unfolded in memory."""


def for_everybody(content: bytes) -> bytes:
    """Return a picture as JPEG of at most `LONGEST_SIDE` pixels a side, with nothing but the picture in it.

    Args:
        content: JPEG, PNG or WebP.

    Raises:
        FormatError: it cannot be read as a picture, or has too many pixels.
    """
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise FormatError(f"has {image.width} × {image.height} pixels, too many to show", key="show.photograph")
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise FormatError(f"cannot be read as a picture: {error}", key="show.photograph") from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright)
    written = io.BytesIO()
    plain.save(written, "JPEG", quality=85)
    return written.getvalue()
