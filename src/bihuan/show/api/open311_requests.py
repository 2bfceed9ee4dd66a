"""Requests as Open311 shows them: of a case what its type makes public, written once for each state it has.

Lists repeat, a thousand requests at a time, what was told a moment ago. So what was written of a case is kept, under a
stamp that changes with anything that happens to it, and a list asks the store for stamps first.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from bihuan.act.engine import Engine
from bihuan.show.api.open311_services import Service
from bihuan.show.api.open311_wire import Format, instant, member
from bihuan.store import case_lists
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_lists import CaseRow, Stamp
from bihuan.store.connect import Connection

MOST = 1_000
"""Requests of a list (GeoReport v2, GET service requests)."""
KEPT = 20_000
"""So many written requests, half a kilobyte each; the oldest go first."""


class Requests:
    """What clients are told of cases; may be asked from any thread."""

    def __init__(self, engine: Engine, services: Mapping[str, Service]) -> None:
        self._engine = engine
        self._services = services
        self._kept: dict[tuple[Stamp, Format], bytes] = {}
        self._lock = threading.Lock()

    def written(self, connection: Connection, wanted: CaseFilter, form: Format) -> list[bytes]:
        """Return the requests of a filter, the newest first, each as a member of a list in JSON or XML."""
        stamps = case_lists.stamps(connection, wanted, limit=MOST)
        kept = {stamp[0]: self._kept.get((stamp, form)) for stamp in stamps}
        missing = [case_id for case_id, text in kept.items() if text is None]
        if missing:
            kept |= self._write(connection, missing, form)
        return [text for text in kept.values() if text]

    def _write(self, connection: Connection, ids: list[int], form: Format) -> dict[int, bytes]:
        fresh: dict[tuple[Stamp, Format], bytes] = {}
        for stamp, row, values in case_lists.with_values(connection, ids):
            service = self._services.get(f"{row.type}-{row.category}")
            told = member("service_requests", self._told(row, service, values), form) if service else b""
            fresh[stamp, form] = told
        with self._lock:
            self._kept |= fresh
            for oldest in list(self._kept)[: max(0, len(self._kept) - KEPT)]:
                del self._kept[oldest]
        return {stamp[0]: told for (stamp, _), told in fresh.items()}

    def _told(self, row: CaseRow, service: Service, values: Mapping[str, Any]) -> dict[str, Any]:
        public = {name: values.get(name) for name in service.type.public.fields}
        step = service.type.steps.get(row.step)  # None where the pack no longer has it
        return {
            "service_request_id": row.number,
            "status": "open" if row.is_open else "closed",
            "status_notes": public.get("reply") or public.get("result") or (step.name if step else row.step),
            "service_name": service.choice.name,
            "service_code": service.code,
            "description": public.get("description"),
            "agency_responsible": self._engine.units.name(row.lead or row.office),
            "service_notice": None,
            "requested_datetime": instant(row.opened_at),
            "updated_datetime": instant(row.closed_at or row.updated_at),
            "expected_datetime": instant(row.next_due),
            "address": public.get("address"),
            "address_id": None,
            "zipcode": None,
            "lat": public.get("lat"),
            "long": public.get("long"),
            "media_url": public.get("media_url"),
        }
