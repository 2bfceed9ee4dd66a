"""The event log and the ledger."""

from bihuan.store.migrate import run_sql_beside

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql_beside(__file__)
