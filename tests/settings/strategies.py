"""What the values of valid configs are made of."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import strategies as st

NAME = st.from_regex(r"[a-z][a-z0-9-]{0,39}", fullmatch=True)
HOST = st.from_regex(r"[a-z][a-z0-9-]{0,9}[a-z](\.[a-z]{1,5}){0,3}", fullmatch=True)
PATH = st.lists(st.from_regex(r"(?!\.{1,2}$)[A-Za-z0-9._~:-]{1,9}", fullmatch=True), min_size=1, max_size=3)
HEADER = st.from_regex(r"x-[a-z0-9-]{1,20}", fullmatch=True)
URL = st.builds(
    "{}://{}:{}/{}".format, st.sampled_from(["http", "https"]), HOST, st.integers(1, 65535), PATH.map("/".join)
)


def whole(least: int, most: int) -> st.SearchStrategy[int | float]:
    return st.integers(least, most) | st.integers(least, most).map(float)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping with any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def distinct(item: st.SearchStrategy[Any], least: int, most: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(item, min_size=least, max_size=most, unique=True)


DAY = st.dates(datetime.date(1970, 1, 1), datetime.date(9999, 12, 31)).map(str)
COST = st.fixed_dictionaries(
    {"perCall": st.floats(1e-9, 1_000_000), "asOf": DAY}, optional={"currency": st.just("EUR")}
) | st.fixed_dictionaries(
    {"perInstanceHour": st.floats(1e-6, 1_000_000), "asOf": DAY}, optional={"concurrency": whole(1, 10_000)}
)
ANSWER_FIELD = st.from_regex(r"[A-Za-zäöü_ -]{1,9}(\.[a-z0-9*]{1,9}){0,3}", fullmatch=True)
VERIFY = some(
    share=st.floats(0.0001, 1),
    maxMismatchRatio=st.floats(0.0001, 0.5),
    maxPerSecond=st.floats(0.001, 1_000) | whole(1, 1_000),
    maxInFlight=whole(1, 10_000),
    tolerances=st.lists(
        st.fixed_dictionaries({"field": ANSWER_FIELD | st.just("*"), "difference": st.floats(0, 1e300)}),
        max_size=3,
        unique_by=lambda tolerance: tolerance["field"],
    ),
    ignoreFields=distinct(ANSWER_FIELD, 0, 3),
)
