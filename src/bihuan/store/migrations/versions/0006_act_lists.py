"""Lists of cases by unit and counts by light that stay fast at a million cases."""

from bihuan.store.migrate import run_sql_beside

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_sql_beside(__file__)
