"""What waits for a subscriber that never answers has an end; what was let go is counted."""

from bihuan.store.migrate import run_sql_beside

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_sql_beside(__file__)
