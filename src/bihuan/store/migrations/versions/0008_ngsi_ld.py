"""Entities as NGSI-LD has them: several types, scopes, an end; their history; subscriptions and contexts."""

from bihuan.store.migrate import run_sql_beside

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql_beside(__file__)
