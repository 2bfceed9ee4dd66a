"""政策找企业: 130,000 enterprises against 200 policies, all at once and after one change; stored and told."""

import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from psycopg.types.json import Jsonb

from bihuan.core.records.policy import Condition, Policy
from bihuan.sense.policies import match_all, match_changed
from bihuan.store.connect import Store, open_store

ENTERPRISES, POLICIES = 130_000, 200
INDUSTRIES = ("电力", "煤炭", "化工", "耐材", "铝业", "建材", "软件", "物流", "零售", "餐饮")


def bench() -> None:
    """Print seconds of a first run, a run in which nothing is new, and a run after one change."""
    chance = random.Random(1)
    policies = [made_up_policy(n, chance) for n in range(POLICIES)]
    with tempfile.TemporaryDirectory() as home, open_store(home=Path(home)) as store:
        fill(store, chance)
        for name in ("first run, all told", "all again"):
            begun = time.perf_counter()
            matched = match_all(store, policies)
            print(f"{name:>20} {time.perf_counter() - begun:>6.2f} s, {matched.matches:,} matches, {matched.new:,} new")
        with store.connection() as connection:
            connection.execute(
                "update entity set attributes = attributes || %s where id = 77", [Jsonb({"employees": 1})]
            )
        begun = time.perf_counter()
        matched = match_changed(store, policies, [77])
        print(f"{'after one change':>20} {time.perf_counter() - begun:>6.3f} s, {matched.new} new, {matched.gone} over")


def made_up_policy(number: int, chance: random.Random) -> Policy:
    """Return a policy of three conditions that about one enterprise in a hundred meets."""
    conditions = (
        Condition("employees", "<=", (float(chance.randrange(50, 400)),)),
        Condition("industry", "in", (chance.choice(INDUSTRIES),)),
        Condition("revenue_yuan", ">=", (float(chance.randrange(70, 95)) * 1e6,)),
    )
    return Policy(f"p{number}", f"政策{number}", conditions, "减免", None, "finance", "synthetic")


def fill(store: Store, chance: random.Random) -> None:
    """Keep made-up enterprises."""
    now = datetime.now(UTC)
    with store.connection() as connection, connection.cursor() as cursor:
        columns = "urn, type, name, attributes, synthetic, created_at, modified_at"
        with cursor.copy(f"copy entity ({columns}) from stdin") as copy:
            for n in range(ENTERPRISES):
                facts = {
                    "employees": chance.randrange(1, 1000),
                    "industry": chance.choice(INDUSTRIES),
                    "revenue_yuan": chance.uniform(0, 1e8),
                }
                copy.write_row((f"urn:ngsi-ld:Enterprise:{n}", "Enterprise", f"企业{n}", Jsonb(facts), True, now, now))


if __name__ == "__main__":
    bench()
