"""Signals that join the case of an earlier one."""

from bihuan.store.migrate import run_sql_beside

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_sql_beside(__file__)
