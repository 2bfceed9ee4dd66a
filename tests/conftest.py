"""A real PostgreSQL for every test that asks for a `store`: one server a run, one fresh database a test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from bihuan.store.connect import Store, open_store
from bihuan.store.embedded import EmbeddedServer, Endpoint

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "32MB"}
"""What is lost with the power may be lost in a test."""


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
