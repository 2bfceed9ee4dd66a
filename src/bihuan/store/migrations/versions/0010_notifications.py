"""Notifications in order, and pauses of the subscriber instead of each notification."""

from bihuan.store.migrate import run_sql_beside

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_sql_beside(__file__)
