"""What clients of NGSI-LD wrote, on its way to where observations are kept."""

from bihuan.store.migrate import run_sql_beside

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_sql_beside(__file__)
