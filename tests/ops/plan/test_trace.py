"""A trace says at once when its columns do not belong together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ops.plan.trace import Trace

TWO = np.array([0, 1])
TRACE = Trace("digits", TWO, TWO, TWO, TWO, TWO, {"user": TWO})


def test_a_trace_knows_its_requests() -> None:
    assert TRACE.requests == 2


@pytest.mark.parametrize("name", ["keys", "durations", "sizes", "answers"])
def test_a_column_that_is_too_short_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="model digits: the columns are not equally long"):
        replace(TRACE, **{name: TWO[:1]})


def test_an_alternative_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="not equally long"):
        replace(TRACE, alternatives={"user": TWO[:1]})


def test_times_that_go_back_are_refused() -> None:
    with pytest.raises(ValueError, match="not in order of their times"):
        replace(TRACE, times=TWO[::-1])
