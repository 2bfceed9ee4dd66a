"""Requests no honest client sends: no defect comes of them, and each interface refuses in its own form."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from fastapi import FastAPI

from bihuan.act.personal import new_key_file
from bihuan.show.app import create_app
from bihuan.show.settings import Settings
from bihuan.store.connect import Store
from bihuan.store.packs import load_pack

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
URN = "urn:ngsi-ld:X:1"
ENDPOINT = {"endpoint": {"uri": "http://localhost:1/"}}
ODD: tuple[Any, ...] = (None, True, 5, 1e308, 10**30, "", "a\0b", [], [[]], {}, {"a": 1}, {"type": ["Property"]},
                        {"type": ["Property"], "value": 1}, {"type": "Property", "value": "a\0b"})  # fmt: skip
"""What may stand where a member is expected."""
WORDS = ("%00", "a%00b", "%FF", "%ED%A0%80", "-1", "99999999999999999999", "1e400", "(((", "[", "x" * 3000,
         "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59Z", "..%2F..")  # fmt: skip
"""What may stand in an address."""


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    body: bytes | None = None
    kind: str = "application/json"


@pytest.fixture
def app(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    new_key_file(tmp_path / "personal.key")
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(tmp_path / "personal.key"))
    return create_app(replace(store, clock=lambda: NOW), Settings(max_upload_bytes=1_000_000), load_pack("yangquan"))


def answers(app: FastAPI, asked: Iterable[Asked]) -> list[tuple[Asked, httpx.Response]]:
    """Return each question beside its answer; a defect is answered as a server would, with 500."""

    async def ask() -> list[tuple[Asked, httpx.Response]]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("127.0.0.1", 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return [
                (a, await client.request(a.method, a.path, content=a.body, headers={"content-type": a.kind}))
                for a in asked
            ]

    return asyncio.run(ask())


def told_in_open311(path: str, answer: httpx.Response) -> bool:
    if path.split("?")[0].endswith(".json"):
        return all(error.keys() == {"code", "description"} and error["description"] for error in answer.json())
    root = ElementTree.fromstring(answer.content)
    return root.tag == "errors" and all(error.findtext("description") for error in root.iter("error"))


def told_in_ngsi_ld(path: str, answer: httpx.Response) -> bool:
    return answer.json()["type"].startswith("https://uri.etsi.org/ngsi-ld/errors/") and bool(answer.json()["title"])


def told_in_rest(path: str, answer: httpx.Response) -> bool:
    return answer.headers["content-type"] == "application/problem+json" and answer.json()["status"] >= 400


def check(app: FastAPI, asked: Iterable[Asked], told: Any) -> None:
    answered = answers(app, asked)
    defects = [(a, answer.text[:200]) for a, answer in answered if answer.status_code >= 500]
    assert not defects
    refused = [(a, answer) for a, answer in answered if answer.status_code >= 400]
    assert refused
    assert [a for a, answer in refused if not told(a.path, answer)] == []


def test_open311(app: FastAPI) -> None:
    form, parts = "application/x-www-form-urlencoded", "multipart/form-data"
    names = ("service_request_id", "service_code", "status", "start_date", "end_date", "jurisdiction_id")
    addresses = (
        "requests/{}.{}",
        "services/{}.{}",
        "tokens/{}.{}",
        *(f"requests.{{1}}?{name}={{0}}" for name in names),
    )
    base = "/open311/v2/"
    asked = [Asked("GET", base + a.format(word, form)) for a in addresses for word in WORDS for form in ("json", "xml")]
    for ending in ("json", "xml"):
        at = f"{base}requests.{ending}"
        asked += [
            Asked("POST", at, b"--x", parts), Asked("POST", at, b"--x", f"{parts}; boundary=y"),
            Asked("POST", at, b"&".join(b"f%d=1" % n for n in range(300)), form), Asked("POST", at, b"{"),
            Asked("POST", at, b"x" * 1_000_001, form), Asked("DELETE", at), Asked("GET", f"{base}nothing.{ending}"),
        ]  # fmt: skip
    asked += [Asked("GET", path) for path in (f"{base}services.yaml", "/open311/discovery.txt", base)]
    check(app, asked, told_in_open311)


def test_ngsi_ld(app: FastAPI) -> None:
    base = "/ngsi-ld/v1/"
    addresses = ("entities/{}", "types/{}", "subscriptions/{}", "temporal/entities/{}", "jsonldContexts/{}",
                 "entities?type={}", "temporal/entities?type={}", "entities?type=X&idPattern={}", "entities?type=X&q={}",
                 "temporal/entities?type=X&timerel=before&timeAt={}", "entities?type=X&limit={}")  # fmt: skip
    asked = [Asked("GET", base + address.format(word)) for address in addresses for word in WORDS]
    asked.append(Asked("POST", base + "entities", json.dumps({"id": URN, "type": "X", "a": 1}).encode()))
    for odd in ODD:
        sent: list[tuple[str, str, Any]] = [
            ("POST", "entities", odd), ("POST", "entities", {"id": f"{URN}0", "type": "X", "a": odd}),
            ("POST", "entities", {"id": f"{URN}0", "type": odd}), ("POST", "entityOperations/upsert", [odd]),
            ("POST", "entityOperations/delete", odd), ("PATCH", f"entities/{URN}/attrs/a", odd),
            ("PATCH", f"entities/{URN}", {"a": odd}), ("POST", "jsonldContexts", {"@context": odd}),
            ("POST", "temporal/entities", {"id": URN, "type": "X", "a": [odd]}),
            ("POST", "entityOperations/query", {"type": "Query", "entities": odd, "geoQ": odd, "q": odd}),
        ]  # fmt: skip
        for member in ({"entities": odd}, {"q": odd}, {"geoQ": odd}, {"geoQ": {"georel": odd, "geometry": odd}},
                       {"expiresAt": odd}, {"watchedAttributes": odd}, {"notification": odd},
                       {"notification": {"format": odd, **ENDPOINT}}):  # fmt: skip
            about = {"type": "Subscription", "entities": [{"type": "X"}], "notification": ENDPOINT}
            sent.append(("POST", "subscriptions", about | member))
        asked += [Asked(method, base + path, json.dumps(body).encode()) for method, path, body in sent]
    deep = b'{"id":"urn:a:b","type":"X","a":' + b'{"b":' * 300 + b"1" + b"}" * 301
    asked += [
        Asked("POST", base + "entities", body) for body in (b"", b"{", b"[" * 5000, b"\xff", deep, b" " * 1_000_001)
    ]
    check(app, asked, told_in_ngsi_ld)


def test_rest(app: FastAPI) -> None:
    addresses = ("statements?kind={}", "statements?text={}", "commitments?subject={}", "rows/{}", "rows/{}/links",
                 "series/{}", "compare/{}", "documents/{}", "events?after={}", "nothing/{}")  # fmt: skip
    asked = [Asked("GET", "/api/" + address.format(word)) for address in addresses for word in WORDS]
    asked += [Asked("POST", "/api/cases", json.dumps(odd).encode()) for odd in ODD]
    asked += [Asked("POST", "/api/cases", b" " * 1_000_001), Asked("PUT", "/api/cases")]
    check(app, asked, told_in_rest)
