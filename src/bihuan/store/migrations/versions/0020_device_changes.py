"""Gateways read the devices that have changed, not the whole registry."""

from bihuan.store.migrate import run_sql_beside

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run_sql_beside(__file__)
