"""What every test has: a home of the run, the same examples each time, and a real PostgreSQL for whoever asks for it.

One server a run, one fresh database a test.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import hypothesis
import psycopg
import pytest
from hypothesis import HealthCheck
from psycopg import sql

from bihuan.store.connect import Store, open_store
from bihuan.store.embedded import EmbeddedServer, Endpoint

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "32MB"}
"""What is lost with the power may be lost in a test."""

# Time says nothing about a property: a busy machine is slow at anything.
_PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
# A run asks the same questions each time: what fails was broken by the change at hand. `make search` asks new ones.
hypothesis.settings.register_profile("same", derandomize=True, database=None, **_PATIENT)
hypothesis.settings.register_profile("search", max_examples=2000, print_blob=True, **_PATIENT)
hypothesis.settings.load_profile("same")


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep this run, and every process it starts, out of the data of whoever runs it and of other runs."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BIHUAN_HOME", str(tmp_path_factory.mktemp("bihuan-home")))
        for name in ("BIHUAN_DATABASE_URL", "BIHUAN_KEY_FILE"):
            environment.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A server of this run alone."""
    with EmbeddedServer(tmp_path_factory.mktemp("home"), FAST) as endpoint:
        with open_store(url=endpoint.conninfo()):
            pass  # upgraded once; the tests' databases are copies of it
        yield endpoint


@pytest.fixture
def database_url(postgres: Endpoint) -> Iterator[str]:
    """An empty database with the schema of this version."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template bihuan").format(sql.Identifier(name)))
        yield postgres.conninfo(name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store over an empty database."""
    with open_store(url=database_url) as opened:
        yield opened
