"""`bihuan act check`: are the case types of a pack sound, and do their scenarios come out as they say?"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bihuan.cli.options import PackOption, resolve_pack

if TYPE_CHECKING:
    from bihuan.store.packs import Pack


def check(
    files: list[Path] | None = typer.Argument(None, help="Type files; all of the pack's without any."),
    pack: PackOption = None,
    as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout."),
    schema: bool = typer.Option(False, "--schema", help="Print the JSON Schema of the format and end."),
) -> None:
    """Check case types: every fault with its file and line; then play the scenario beside each.

    Exit code 1 where anything is wrong.

    Examples:
      bihuan act check
      bihuan act check my-city/cases/hotline.yaml --pack my-city
      bihuan act check --schema > case-type.schema.json
    """
    from bihuan.act.case_type_file import json_schema, type_files

    if schema:
        print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
        return
    city = resolve_pack(pack)
    faults, checked = faults_of(city, files or type_files(city.folder / "cases"))
    if as_json:
        print(json.dumps({"checked": checked, "faults": faults}, ensure_ascii=False))
    else:
        for fault in faults:
            print(fault, file=sys.stderr)
        print(f"{len(checked)} case types, {len(faults)} faults: {', '.join(checked)}")
    raise typer.Exit(1 if faults else 0)


def faults_of(city: Pack, files: Sequence[Path]) -> tuple[list[str], list[str]]:
    """Return what is wrong with type files and the scenarios beside them, and the types that were looked at."""
    from bihuan.act.case_type_file import read_case_type
    from bihuan.act.decide import Law
    from bihuan.act.scenario import play_beside
    from bihuan.act.units import Units
    from bihuan.core.errors import PackError
    from bihuan.store.calendar import load_calendar
    from bihuan.store.yaml_records import Faults

    units = Units(city.organisations)
    faults, checked = Faults(), []
    for path in files:
        case_type = read_case_type(path, faults, frozenset(units.by_id))
        checked.append(case_type.type if case_type else path.stem)
        if case_type is None:
            continue
        try:
            faults.found += [
                f"{path.stem}: {told}" for told in play_beside(Law(case_type, load_calendar(), units), path)
            ]
        except PackError as error:
            faults.found.append(str(error))
    return faults.found, checked
