"""Old Word, WPS and RTF files, turned into docx by LibreOffice where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from bihuan.core.errors import FormatError
from bihuan.read.formats import docx
from bihuan.read.formats.container import damaged
from bihuan.read.formats.extraction import Extraction
from bihuan.read.formats.limits import Limits

_SECONDS = 120


def extract(data: bytes, name: str, limits: Limits) -> Extraction:
    """Return the text of a file that only an office program reads.

    The conversion runs in a folder and with a user profile of its own, both removed afterwards; macros never run
    in a conversion without a window.

    Raises:
        FormatError: LibreOffice is not installed, gives up, or takes longer than two minutes.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise FormatError(
            "the file is an old Word, WPS or RTF file, which needs LibreOffice to read: install it (apt-get install "
            "libreoffice-writer), or save the file as docx.",
            where=name,
            key="read.needs-libreoffice",
        )
    with tempfile.TemporaryDirectory(prefix="bihuan-convert-") as folder:
        return docx.extract(_convert(program, data, Path(folder), name), name, limits)


def _convert(program: str, data: bytes, folder: Path, name: str) -> bytes:
    source = folder / ("input.rtf" if data.startswith(b"{\\rtf") else "input.doc")
    source.write_bytes(data)
    command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder), str(source)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise damaged(name, f"LibreOffice did not convert the file within {_SECONDS} seconds") from None
    except OSError as error:
        raise damaged(name, f"LibreOffice does not start ({error.strerror})") from error
    result = folder / "input.docx"
    if not result.exists():
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise damaged(name, "LibreOffice could not convert the file" + (f" ({said[-1]})" if said else ""))
    return result.read_bytes()
