"""One running Kong with three echo upstreams for a module of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kong.balancer.balanced import Balanced, balanced


@pytest.fixture(scope="module")
def world() -> Iterator[Balanced]:
    with balanced() as running:
        yield running
