"""Three models behind one path, and the replies of their router."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway.model_router.routed_models import RoutedModels
from tests.gateway.model_server import ModelServer, model_server

LIMIT = 2_000


@pytest.fixture(scope="module")
def alpha() -> Iterator[ModelServer]:
    with model_server("alpha") as server:
        yield server


@pytest.fixture(scope="module")
def beta() -> Iterator[ModelServer]:
    with model_server("beta") as server:
        yield server


@pytest.fixture(scope="module")
def routed(gateway, tmp_path_factory, alpha: ModelServer, beta: ModelServer) -> Iterator[RoutedModels]:
    """alpha is open, beta and gamma ask for a key, and gamma's only caller is batch."""
    admin, proxy, settle = gateway
    keyed = {"mode": "key-auth"}
    made = RoutedModels(
        admin,
        proxy,
        tmp_path_factory.mktemp("routed"),
        settle,
        {
            "alpha": {"endpoint": alpha.url},
            "beta": {"endpoint": beta.url, "access": keyed},
            "gamma": {"endpoint": beta.url.replace("127.0.0.1", "localhost"), "access": keyed},
        },
        {"web": ["beta"], "batch": ["beta", "gamma"]},
        max_body_bytes=LIMIT,
        model_header="x-model",
        models=[
            {"name": "alpha", "versions": [{"model": "alpha"}]},
            {"name": "beta", "versions": [{"model": "beta"}]},
            {"name": "gamma", "versions": [{"model": "gamma"}]},
            {"name": "gpt-x", "versions": [{"model": "alpha", "served_name": "llama-3"}]},
            {"name": "org/model:7b", "versions": [{"model": "alpha"}]},
        ],
    )
    yield made
    made.close()


@pytest.fixture(autouse=True)
def forgotten(alpha: ModelServer, beta: ModelServer) -> None:
    alpha.calls.clear()
    beta.calls.clear()
