"""Forecasts that rules hold readings against."""

from bihuan.store.migrate import run_sql_beside

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_sql_beside(__file__)
