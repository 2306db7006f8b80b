"""Days of the calendar, without a clock."""

import calendar
import re

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def unix_time(day: str) -> int:
    """Seconds from 1970 to the beginning of a day such as 2026-11-01, in UTC. Raises ValueError for anything else."""
    found = _DAY.fullmatch(day)
    year, month, number = map(int, found.groups()) if found else (0, 0, 0)
    if not (year and 1 <= month <= 12 and 1 <= number <= calendar.monthrange(year, month)[1]):
        raise ValueError("no day such as 2026-11-01")
    return calendar.timegm((year, month, number, 0, 0, 0))
