"""Counts of open cases and lists by light that stay fast at a million cases."""

from bihuan.store.migrate import run_sql_beside

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_sql_beside(__file__)
