"""The order of texts by the Unicode collation algorithm, as ICU has it (clause 4.23.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import duckdb

from bihuan.sense.ngsi_ld.problems import bad

ROOT = "und"
"""The order that favours no language."""
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-u(-[A-Za-z0-9]{2,8})+)?")


def check_collation(tag: str) -> str:
    """Return a tag such as `de` or `zh-u-co-pinyin`.

    Raises:
        Problem: BadRequestData where it is no tag of RFC 5646 with what RFC 6067 adds.
    """
    if _TAG.fullmatch(tag) is None:
        raise bad(f"collation: a language tag such as {ROOT}, de or zh was expected (RFC 6067), not '{tag}'")
    return tag


@cache
def _icu() -> duckdb.DuckDBPyConnection:
    """DuckDB carries ICU; PostgreSQL has it in some builds only."""
    return duckdb.connect()


def sort_keys(texts: Sequence[str], tag: str) -> list[str]:
    """Return for each text a key that sorts as the text does: by the language of a tag, not by what follows `-u-`."""
    language = tag.split("-u-")[0].replace("-", "_")
    rows = _icu().cursor().execute(
        "select icu_sort_key(one, $tag) from (select unnest($texts) as one, unnest(range(len($texts))) as place) order by place",
        {"texts": list(texts), "tag": language},
    ).fetchall()  # fmt: skip
    return [key for (key,) in rows]
