"""Cases found by words and marks in one index; the cases a unit supports in order."""

from bihuan.store.migrate import run_sql_beside

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run_sql_beside(__file__)
