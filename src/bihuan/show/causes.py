"""Why a file was not taken, and what to do, in the reader's language; the reader's own message has the details."""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.core.errors import BihuanError
from bihuan.show.labels import N_

CAUSES: Mapping[str, str] = {
    "read.empty": N_("The file holds no text. Check that it is the right one and was saved completely."),
    "read.scan": N_(
        "This is a scan: pictures of pages without text. Run it through character recognition (OCR), or find the original."
    ),
    "read.password": N_("The file is protected by a password. Save it without one and upload it again."),
    "read.damaged": N_("The file is damaged or cut off. Get it again, or open it and save it anew."),
    "read.zip-bomb": N_(
        "The file unpacks to far more than it should and was refused. Save it anew from its own program."
    ),
    "read.xml-entities": N_("The file holds declarations that this format never has, and was refused as an attack."),
    "read.binary": N_("This is binary data, not a text. Upload a txt, html, docx, pdf, ofd, xlsx or xls file."),
    "read.unknown-format": N_("This kind of file is not read. Save it as docx, pdf or txt, a table as xlsx."),
    "read.encoding": N_("The file's encoding is not known. Save it again as UTF-8."),
    "read.mixed": N_("The file mixes two encodings. Save each part as UTF-8 and join them anew."),
    "read.needs-libreoffice": N_(
        "Old Word, WPS and RTF files need LibreOffice on the server. Have it installed, or save the file as docx."
    ),
    "read.too-large": N_("The file is too large. Split it and upload the parts."),
    "read.too-slow": N_("Reading took too long and was given up. Split the file and upload the parts."),
    "read.broke-down": N_("The reader broke down on this file; nothing was stored. Save it anew as docx or pdf."),
    "read.unreadable": N_("The file could not be opened. Try again."),
    "read.same-name": N_("Two files of one name came at once. Rename one, or upload them one after the other."),
}
"""Key of an error of reading -> catalogued English: what is the matter, and the way out."""


def cause(error: BihuanError) -> str | None:
    """Return the catalogued English for an error; None where it has no key of its own."""
    return CAUSES.get(error.key or "")
