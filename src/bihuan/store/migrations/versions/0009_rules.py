"""Rules that people change and switch; one process at a time looks at them."""

from bihuan.store.migrate import run_sql_beside

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql_beside(__file__)
