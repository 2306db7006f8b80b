"""One deployed chain for every edge, shared by the tests that change nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.edge_attack.chain import Chain, running_chain
from tests.edge_attack.edges import EDGES, EdgeUnderTest

RunChain = Callable[..., AbstractContextManager[Chain]]


@pytest.fixture(scope="session", params=sorted(EDGES))
def edge_kind(request: pytest.FixtureRequest) -> EdgeUnderTest:
    """The CDN that stands in front."""
    return EDGES[request.param]


@pytest.fixture(scope="session")
def run_chain(edge_kind: EdgeUnderTest, tmp_path_factory: pytest.TempPathFactory) -> RunChain:
    """run_chain(**changes) is a chain of one's own, deployed with changes as for `Chain.redeploy`."""

    def run(**changes: Any) -> AbstractContextManager[Chain]:
        scratch: Path = tmp_path_factory.mktemp("chain")
        return running_chain(edge_kind, scratch, **changes)

    return run


@pytest.fixture(scope="session")
def chain(run_chain: RunChain) -> Iterator[Chain]:
    """The chain of `MODELS`; do not redeploy it."""
    with run_chain() as running:
        yield running
