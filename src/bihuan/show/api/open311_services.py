"""Open311 services out of case types: each choice of the category of a type with `open311: true` is one service.

A service's code is `<type>-<choice>`, always a string. Its attributes are the type's own fields that the reporter can
know and that no standard argument of GeoReport carries already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bihuan.act.case_type import CaseType, Choice, FieldSpec
from bihuan.core.errors import InputError

_DATATYPES: Mapping[str, str] = {
    "text": "string",
    "long_text": "text",
    "number": "number",
    "integer": "number",
    "money_yuan": "number",
    "percent": "number",
    "date": "datetime",
    "choice": "singlevaluelist",
    "choices": "multivaluelist",
    "boolean": "singlevaluelist",
    "place": "string",
}
_FROM_ARGUMENTS = frozenset(
    {"title", "description", "address", "lat", "long", "media_url", "reporter", "phone", "email", "account"}
)
_EARLY = ("open", "edit", "assign")
"""What fills a field that a reporter may fill as well; other actions tell what became of the case."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service the public may ask for."""

    type: CaseType
    key: str
    """Of the choice."""
    choice: Choice

    @property
    def code(self) -> str:
        """Return what clients name it by."""
        return f"{self.type.type}-{self.key}"

    @property
    def attributes(self) -> dict[str, FieldSpec]:
        """Return the fields asked for besides the standard arguments, in the order of the type."""
        later = {name for a in self.type.actions.values() if a.does not in _EARLY for name in a.sets}
        asked = {}
        for name, spec in self.type.fields.items():
            known = name in _FROM_ARGUMENTS or name == self.type.category or name in later
            if not known and spec.personal is None and spec.kind in _DATATYPES and _is_asked(name, spec, self.type):
                asked[name] = spec
        return asked

    def told(self) -> dict[str, Any]:
        """Return the service as `GET /services` lists it."""
        return {
            "service_code": self.code,
            "service_name": self.choice.name,
            "description": f"{self.type.name}：{self.choice.name} ({self.choice.english})",
            "metadata": bool(self.attributes),
            "type": "realtime",
            "keywords": ",".join(dict.fromkeys((self.choice.name, self.choice.english, self.type.name))),
            "group": self.choice.group or self.type.name,
        }

    def definition(self) -> dict[str, Any]:
        """Return what `GET /services/{code}` tells of its attributes."""
        asked = enumerate(self.attributes.items(), 1)
        return {"service_code": self.code, "attributes": [_attribute(n, name, spec) for n, (name, spec) in asked]}


def _is_asked(name: str, spec: FieldSpec, case_type: CaseType) -> bool:
    return spec.required or name in case_type.public.fields


def _attribute(order: int, name: str, spec: FieldSpec) -> dict[str, Any]:
    told: dict[str, Any] = {
        "variable": True,
        "code": name,
        "datatype": _DATATYPES[spec.kind],
        "required": spec.required and spec.default is None,
        "datatype_description": spec.hint or None,
        "order": order,
        "description": f"{spec.name} {spec.english}",
    }
    if spec.kind in ("choice", "choices"):
        told["values"] = [{"key": key, "name": choice.name} for key, choice in spec.choices.items()]
    elif spec.kind == "boolean":
        told["values"] = [{"key": "true", "name": "是"}, {"key": "false", "name": "否"}]
    return told


def services_of(types: Mapping[str, CaseType]) -> dict[str, Service]:
    """Return every service by its code, in the order of the types and their choices."""
    return {service.code: service for case_type in types.values() for service in _of_type(case_type)}


def _of_type(case_type: CaseType) -> Iterator[Service]:
    if case_type.open311 and case_type.category:
        for key, choice in case_type.fields[case_type.category].choices.items():
            yield Service(case_type, key, choice)


def attribute_value(spec: FieldSpec, given: list[str], where: str) -> Any:
    """Return what a form sent for an attribute as the case's field has it.

    Raises:
        InputError: several values where one is taken, or no number where one is asked for.
    """
    if spec.kind == "choices":
        return given
    if len(given) != 1:
        raise InputError("one value was expected", where=where)
    (text,) = given
    if spec.kind == "boolean":
        return text.lower() in ("true", "1", "yes")
    if _DATATYPES[spec.kind] == "number":
        return _number(text, spec.kind, where)
    return text[:10] if spec.kind == "date" else text


def _number(text: str, kind: str, where: str) -> float | int:
    try:
        return int(text) if kind == "integer" else float(text)
    except ValueError:
        raise InputError(f"a number was expected, not '{text[:40]}'", where=where) from None
