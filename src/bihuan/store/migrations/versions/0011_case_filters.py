"""Filters of the case table that somebody saved under a name."""

from bihuan.store.migrate import run_sql_beside

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_sql_beside(__file__)
