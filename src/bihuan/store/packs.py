"""A city's folder of data: here its names (`city.yaml`, `org.yaml`, `indicators.yaml`, `projects.yaml`) and `documents/`.

Casework, devices, rules, policies and the energy system in the same folder are read by the engines they are for. A new
city is a new folder, never new code. Loading looks at every file to its end and tells all faults in one report,
each with file, line and field. The format is described in `docs/reference/packs.md`. Needs no database.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import bihuan
from bihuan.core.errors import PackError, UnitError
from bihuan.core.quantity import read_unit
from bihuan.core.records.city import City, Organisation, Place, PlaceKind
from bihuan.core.records.indicator import Good, Indicator, Project
from bihuan.store.yaml_records import Faults, Field, Record, compose, entries, one_of, read_record, read_records

SHIPPED = Path(bihuan.__file__).parent / "packs"
"""Where the packs that come with bihuan lie."""
DEFAULT = "yangquan"
"""Name of the pack used when neither `--pack` nor BIHUAN_PACK names another."""
_SKELETON = SHIPPED / "_skeleton"
_SHARED = ("indicators.yaml", "scores.yaml", "policies.yaml", "cases", "devices", "rules")
"""What a new city starts with as the shipped one has it: nothing of it is one city's alone, but for `_OWN`."""
_OWN = ("demo.scenario.yaml", "demonstration.yaml", "fences.json")


@dataclass(frozen=True)
class Pack:
    """All that bihuan knows of one city before it reads a document."""

    name: str
    """Name of the folder."""
    folder: Path
    city: City
    organisations: tuple[Organisation, ...]
    indicators: tuple[Indicator, ...]
    projects: tuple[Project, ...]
    documents: tuple[Path, ...]
    """The pack's own reports, by name."""


def default_pack() -> Pack:
    """Return the pack that BIHUAN_PACK names, else the shipped one of Yangquan.

    Raises:
        PackError: as `load_pack`.
    """
    return load_pack(os.environ.get("BIHUAN_PACK") or DEFAULT)


def shipped_packs() -> list[str]:
    """Return the names of the packs that come with bihuan."""
    return sorted(path.parent.name for path in SHIPPED.glob("[!_]*/city.yaml"))


def load_pack(folder_or_name: str | Path) -> Pack:
    """Read a city's folder.

    Args:
        folder_or_name: a folder, or the name of a shipped pack.

    Raises:
        PackError: there is no such pack, or it is incomplete or contradicts itself; the message lists every fault.
    """
    folder = _find(folder_or_name)
    faults = Faults()
    city = _read_city(folder / "city.yaml", faults)
    organisations = _read_organisations(folder / "org.yaml", faults)
    indicators = tuple(map(_indicator, _read_list(folder / "indicators.yaml", _INDICATOR, faults)))
    projects = tuple(map(_project, _read_list(folder / "projects.yaml", _project_fields(city), faults)))
    if faults.found or city is None:
        raise PackError(faults.report(), where=str(folder))
    return Pack(folder.name, folder, city, organisations, indicators, projects, _documents(folder))


def new_pack(folder: Path) -> None:
    """Write a city's folder to start from: a commented skeleton of what is its own, and what most cities share.

    Raises:
        PackError: the folder exists and is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PackError("already exists and is not empty; name a new folder", where=str(folder))
    shutil.copytree(_SKELETON, folder, dirs_exist_ok=True)
    for name in _SHARED:
        source = SHIPPED / DEFAULT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(*_OWN))
        else:
            shutil.copyfile(source, folder / name)


def _find(folder_or_name: str | Path) -> Path:
    folder = Path(folder_or_name)
    if folder.is_dir():
        return folder.resolve()
    if str(folder_or_name) in shipped_packs():
        return SHIPPED / folder_or_name
    raise PackError(
        f"no such folder, and no shipped pack of that name (there are: {', '.join(shipped_packs())}); "
        "`bihuan pack new DIR` makes one",
        where=str(folder_or_name),
    )


def _documents(folder: Path) -> tuple[Path, ...]:
    found = (folder / "documents").glob("[!.]*")
    return tuple(sorted(path for path in found if path.is_file() and path.name != "README.md"))


# The fields of each file. What a field means stands in the record it becomes (core/records/).


def _check_unit(text: str) -> str | None:
    try:
        canonical = read_unit(text)[1].name
    except UnitError as error:
        return error.message
    return None if canonical == text else f"'{text}' is written '{canonical}' here, without a multiplier"


def _check_code(text: str) -> str | None:
    return None if len(text) == 6 and text.isdecimal() else f"'{text}' is not six digits of GB/T 2260"


def _check_id(text: str) -> str | None:
    plain = text.replace("-", "")
    fine = plain.isascii() and plain.isalnum() and text == text.lower()
    return None if fine else f"'{text}' is no identifier; use lower-case letters, digits and hyphens"


_PLACE_KINDS = tuple(kind for kind in get_args(PlaceKind) if kind != "development_zone")
_CITY_FACTS = ("name", "short", "english", "province")
_CITY = (*map(Field, _CITY_FACTS), Field("code", check=_check_code))
_ZONE = (Field("name"), Field("english"), Field("aliases", "texts"))
_DISTRICT = (*_ZONE, Field("kind", check=one_of(*_PLACE_KINDS)))
_NAMED = (Field("id", check=_check_id), *_ZONE)
_ORGANISATION = (*_NAMED, Field("parent", "optional_text", _check_id, may_be_absent=True))
_INDICATOR = (
    *_NAMED,
    Field("unit", check=_check_unit, may_be_quoted_empty=True),
    Field("good", check=one_of(*get_args(Good))),
    Field("source"),
)


def _project_fields(city: City | None) -> tuple[Field, ...]:
    """Return the fields of a project; its district is one of the city's places, where these could be read."""
    places = sorted(place.name for place in city.places) if city else []
    district = Field("district", "optional_text", one_of(*places)) if places else Field("district", "optional_text")
    return Field("id", check=_check_id), Field("name"), Field("aliases", "texts"), district, Field("source")


def _read_list(path: Path, fields: Sequence[Field], faults: Faults) -> list[Record]:
    """Read a file that is a list of records; one that is not there is an empty list."""
    root = compose(path, faults) if path.exists() else None
    return read_records(path, root, fields, faults) if root is not None else []


def _read_city(path: Path, faults: Faults) -> City | None:
    if not path.exists():
        faults.add(path, None, "", "is missing; `bihuan pack new DIR` shows what belongs into it")
        return None
    root = compose(path, faults)
    if root is None:
        return None
    record = read_record(path, root, _CITY, faults, also=("districts", "development_zones"))
    nodes = entries(path, root, Faults())
    districts = read_records(path, nodes["districts"], _DISTRICT, faults) if "districts" in nodes else []
    zones = read_records(path, nodes["development_zones"], _ZONE, faults) if "development_zones" in nodes else []
    if record is None:
        return None
    facts = {name: record.text(name) for name in _CITY_FACTS}
    return City(**facts, code=record.text("code"), places=tuple(_places(districts, zones)))


def _places(districts: Iterable[Record], zones: Iterable[Record]) -> Iterable[Place]:
    for record in districts:
        kind: PlaceKind = record.text("kind")  # type: ignore[assignment]  # one_of has checked it
        yield Place(record.text("name"), record.text("english"), kind, record.texts("aliases"))
    for record in zones:
        yield Place(record.text("name"), record.text("english"), "development_zone", record.texts("aliases"))


def _read_organisations(path: Path, faults: Faults) -> tuple[Organisation, ...]:
    """Read the offices; each one's parent is another of them, and nobody stands above itself."""
    records = _read_list(path, _ORGANISATION, faults)
    parents = {record.text("id"): record.optional("parent") for record in records}
    for record in records:
        parent = record.optional("parent")
        if parent is not None and parent not in parents:
            faults.add(path, record.line, "parent", f"'{parent}' is no office of this file")
        elif parent is not None and record.text("id") in _above(parent, parents):
            faults.add(path, record.line, "parent", f"'{parent}' stands below '{record.text('id')}' already")
    return tuple(map(_organisation, records))


def _above(office: str | None, parents: Mapping[str, str | None]) -> list[str]:
    """Return an office and all above it, nearest first; ends where a circle closes."""
    chain: list[str] = []
    while office is not None and office not in chain:
        chain.append(office)
        office = parents.get(office)
    return chain


def _organisation(record: Record) -> Organisation:
    id_, name, english = (record.text(field) for field in ("id", "name", "english"))
    return Organisation(id_, name, english, record.texts("aliases"), record.optional("parent"))


def _indicator(record: Record) -> Indicator:
    good: Good = record.text("good")  # type: ignore[assignment]  # one_of has checked it
    return Indicator(
        id=record.text("id"),
        name=record.text("name"),
        english=record.text("english"),
        aliases=record.texts("aliases"),
        unit=record.text("unit"),
        good=good,
        source=record.text("source"),
    )


def _project(record: Record) -> Project:
    return Project(
        id=record.text("id"),
        name=record.text("name"),
        aliases=record.texts("aliases"),
        district=record.optional("district"),
        source=record.text("source"),
    )
