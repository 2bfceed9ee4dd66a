"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bihuan.store.packs import Pack

PackOption = Annotated[
    str | None,
    typer.Option(
        "--pack",
        envvar="BIHUAN_PACK",
        metavar="DIR",
        help="A city's folder of data, or the name of a shipped one; yangquan by default.",
    ),
]


def resolve_pack(pack: str | None) -> Pack:
    """Return the pack an option names, else the default one.

    Raises:
        PackError: as `load_pack`.
    """
    from bihuan.store.packs import default_pack, load_pack

    return load_pack(pack) if pack else default_pack()
