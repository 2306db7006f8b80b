"""Fixtures of the engine's tests: a project folder, an Admin API in memory, engines for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.engine import EmbeddedEngine
from tests.engine.support.admin_api import MemoryAdminApi
from tests.engine.support.edge_api import MemoryEdgeApi

MakeEngine = Callable[..., EmbeddedEngine]
MakeAws = Callable[..., EmbeddedEngine]

_STAND_IN = {"aws:region": "eu-west-1", "aws:allowedAccountIds": ["000000000000"]}


@pytest.fixture
def project_dir(tmp_path: Path) -> Path:
    """A project without program and config."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    return tmp_path


@pytest.fixture
def kong() -> Iterator[MemoryAdminApi]:
    """A running Admin API."""
    with MemoryAdminApi() as api:
        yield api


@pytest.fixture
def make_engine(project_dir: Path, kong: MemoryAdminApi, monkeypatch: pytest.MonkeyPatch) -> MakeEngine:
    """Makes engines of stack dev that deploy to `kong`; without a passphrase unless one is given."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)

    def make(program: Callable[[], Any] | None, **options: Any) -> EmbeddedEngine:
        config = {"kong:kongAdminUri": kong.url, **options.pop("config", {})}
        return EmbeddedEngine(project_dir, "dev", project_dir / ".state", config=config, program=program, **options)

    return make


@pytest.fixture
def edge_api() -> Iterator[MemoryEdgeApi]:
    """A running local edge."""
    with MemoryEdgeApi() as api:
        yield api


@pytest.fixture
def make_aws(make_engine: MakeEngine) -> MakeAws:
    """Makes engines of a stack of the stand-in, without a local edge."""

    def make(program: Any, **config: Any) -> EmbeddedEngine:
        return make_engine(program, config={**_STAND_IN, **config})

    return make


@pytest.fixture
def make_edge(make_aws: MakeAws, edge_api: MemoryEdgeApi) -> MakeAws:
    """Makes engines of a stack of the stand-in with the local edge `edge_api`."""
    return lambda program: make_aws(program, **{"aws:endpoints": [{"cloudfront": edge_api.url}]})
