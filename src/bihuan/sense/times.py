"""The one time zone that the national device protocols know."""

from datetime import timedelta, timezone

CHINA = timezone(timedelta(hours=8))
"""Fixed: the protocols write +08:00 whatever the year, unlike Asia/Shanghai, which had summer time until 1991."""
