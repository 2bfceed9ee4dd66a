"""Batches of entities: create, upsert, update, merge, delete; what fails does not hold up the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bihuan.sense.ngsi_ld import broker, changes
from bihuan.sense.ngsi_ld.changes import Outcome
from bihuan.sense.ngsi_ld.documents import Document, is_uri
from bihuan.sense.ngsi_ld.intake import read_entity
from bihuan.sense.ngsi_ld.problems import Problem, bad, missing
from bihuan.show.api.ngsi_ld_routes import Route
from bihuan.show.api.ngsi_ld_wire import LD, Answer, Call

Errors = list[dict[str, Any]]


def create(call: Call) -> Answer:
    """Make entities that are not there; of one given twice the first."""
    given, errors = _read(call, first=True)
    new = broker.create(call.connection, list(given.values()), at=call.now)
    errors += [_error(urn, Problem("AlreadyExists", f"there is an entity {urn}")) for urn in given if urn not in new]
    made = [urn for urn in given if urn in new]
    return Answer(201, made) if not errors else _mixed(made, errors)


def upsert(call: Call) -> Answer:
    """Make entities that are not there; replace the others, or with options=update append to them."""
    given, errors = _read(call)
    work: Callable[[Document, Document], Outcome] = (
        changes.append if "update" in call.options() else changes.replace_entity
    )
    new, outcomes = broker.upsert(call.connection, list(given.values()), work, at=call.now)
    errors += _refused(outcomes)
    if errors:
        return _mixed([urn for urn in given if urn in new or isinstance(outcomes.get(urn), Outcome)], errors)
    made = [urn for urn in given if urn in new]
    return Answer(201, made) if made else Answer(204)


def update(call: Call) -> Answer:
    """Append to entities that are there; with options=noOverwrite what is there stays."""
    overwrite = "noOverwrite" not in call.options()
    return _changed(call, lambda there, given: _appended(there, given, overwrite))


def _appended(there: Document, given: Document, overwrite: bool) -> Outcome:
    return changes.append(there, given, overwrite=overwrite)


def merge(call: Call) -> Answer:
    """Merge fragments into entities that are there."""
    return _changed(call, changes.merge, null=True)


def delete(call: Call) -> Answer:
    """Delete entities by their ids."""
    call.media_type()
    urns = call.json()
    if not isinstance(urns, list) or not urns:
        raise bad("an array of ids was expected, with at least one")
    errors: Errors = [_error(urn, bad(f"{urn!r} is no URI")) for urn in urns if not is_uri(urn)]
    again = [urn for at, urn in enumerate(urns) if urn in urns[:at]] if len(set(map(str, urns))) < len(urns) else []
    errors += [_error(urn, missing(f"{urn} stands in the batch twice")) for urn in again]
    outcomes = broker.delete(call.connection, [urn for urn in urns if is_uri(urn)], at=call.now)
    errors += [_error(urn, problem) for urn, problem in outcomes.items() if problem is not None]
    done = [urn for urn, problem in outcomes.items() if problem is None]
    return _mixed(done, errors) if errors else Answer(204)


def _changed(call: Call, work: Callable[[Document, Document], Outcome], *, null: bool = False) -> Answer:
    given, errors = _read(call, null=null)
    outcomes = broker.changed(call.connection, {urn: _bound(work, one) for urn, one in given.items()}, at=call.now)
    errors += _refused(outcomes)
    if not errors:
        return Answer(204)
    return _mixed(
        [urn for urn, outcome in outcomes.items() if isinstance(outcome, Outcome) and not outcome.refused], errors
    )


def _bound(work: Callable[[Document, Document], Outcome], given: Document) -> Callable[[Document], Outcome]:
    return lambda there: work(there, given)


def _refused(outcomes: Mapping[str, Outcome | Problem]) -> Errors:
    errors = [_error(urn, outcome) for urn, outcome in outcomes.items() if isinstance(outcome, Problem)]
    for urn, outcome in outcomes.items():
        if isinstance(outcome, Outcome) and outcome.refused:
            names = ", ".join(sorted(outcome.refused))
            errors.append(_error(urn, bad(f"not written: {names}; the attributes are there, or are not")))
    return errors


def _read(call: Call, *, null: bool = False, first: bool = False) -> tuple[dict[str, Document], Errors]:
    """Return the entities of a batch by id; of one given twice the last, and what is wrong with others."""
    kind = call.media_type()
    payload = call.json()
    if not isinstance(payload, list) or not payload:
        raise bad("an array of entities was expected, with at least one")
    if not all(isinstance(one, dict) for one in payload):
        raise bad("an array of entities as JSON objects was expected")
    if kind == LD and call.link() is not None:
        raise bad("Link: application/ld+json has its context in the body, not in a Link header")
    given: dict[str, Document] = {}
    errors: Errors = []
    for one in payload:
        try:
            entity = read_entity(one, call.body_context(one, kind), at=call.now, null=null)
            if first and entity.id in given:
                raise Problem("AlreadyExists", f"{entity.id} stands in the batch twice")
            given[entity.id] = entity
        except Problem as problem:
            errors.append(_error(one.get("id"), problem))
    return given, errors


def _error(urn: Any, problem: Problem) -> dict[str, Any]:
    return {"entityId": urn, "error": problem.told()}


def _mixed(success: list[str], errors: Errors) -> Answer:
    return Answer(207, {"success": success, "errors": errors})


_LOCAL = frozenset({"local"})
ROUTES = (
    Route("POST", "entityOperations/create", create, _LOCAL),
    Route("POST", "entityOperations/upsert", upsert, _LOCAL | {"options"}),
    Route("POST", "entityOperations/update", update, _LOCAL | {"options"}),
    Route("POST", "entityOperations/merge", merge, _LOCAL | {"options"}),
    Route("POST", "entityOperations/delete", delete, _LOCAL),
)
