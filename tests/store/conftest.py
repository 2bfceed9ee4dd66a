from collections.abc import Iterator

import psycopg
import pytest

from bihuan.store.connect import Connection


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """One connection without a pool, whose threads draw random numbers while hypothesis draws its own."""
    with psycopg.connect(database_url, options="-c search_path=bihuan -c timezone=UTC") as opened:
        yield opened
