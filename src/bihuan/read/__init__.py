"""read: documents -> restored text -> statements and commitments -> ledger. The heart needs no database.

    from bihuan.read import read
    ledger = read("report.pdf")
    ledger.to_polars()

`read` takes files and gives a `Ledger`; `read_bytes` takes what is in memory and gives a `Reading` with the outline.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from bihuan.read.corpus import Finding, Job, Refusal, read_corpus
from bihuan.read.formats import DEFAULT_LIMITS, Limits, Source
from bihuan.read.ledger import Ledger
from bihuan.read.pipeline import Reading, read_bytes, read_source
from bihuan.store import packs
from bihuan.store.packs import Pack

__all__ = ["Ledger", "Limits", "Reading", "Refusal", "Source", "load_pack", "read", "read_bytes", "read_source"]


def read(
    paths: str | Path | Iterable[str | Path],
    pack: Pack | str | Path | None = None,
    *,
    workers: int = 1,
    ray_address: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    refused: Literal["raise", "keep"] = "raise",
) -> Ledger:
    """Read one file or many into a ledger.

    Args:
        paths: files of any known format; two of one name are refused.
        pack: the city's registry, as loaded or as a folder; None for the shipped one.
        workers: processes to read with; above 1 the calling script needs the `__main__` guard.
        ray_address: of a Ray cluster, or `local`.
        limits: sizes above which a file is refused.
        refused: `raise` the first file's error, or `keep` all in `Ledger.refused` and go on.

    Raises:
        InputError: a file cannot be used, or two have one name.
        OutsideError: a file cannot be opened, or a worker died.
    """
    from bihuan.read.pipeline import link

    files = [str(paths)] if isinstance(paths, str | Path) else [str(path) for path in paths]
    city = load_pack(pack)
    findings: list[Finding] = []
    refusals: list[Refusal] = []
    for result in read_corpus(files, Job(city, limits), workers=workers, ray_address=ray_address):
        if isinstance(result, Finding):
            findings.append(result)
        elif refused == "raise":
            raise result.error
        else:
            refusals.append(result)
    return Ledger(
        documents=tuple(finding.document for finding in findings),
        statements=tuple(statement for finding in findings for statement in finding.statements),
        commitments=tuple(commitment for finding in findings for commitment in finding.commitments),
        links=tuple(link(findings, city)),
        refused=tuple(refusals),
    )


def load_pack(pack: Pack | str | Path | None) -> Pack:
    """Return a pack that may be given as loaded, as a folder, as a shipped pack's name, or as None (the default one).

    Raises:
        PackError: the folder is incomplete or contradicts itself.
    """
    if isinstance(pack, packs.Pack):
        return pack
    return packs.default_pack() if pack is None else packs.load_pack(pack)
