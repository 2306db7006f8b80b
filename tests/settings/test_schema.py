"""The JSON Schema that editors use: current, and of one mind with the program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from settings.schema import SCHEMA_FILE, schema_text, stack_file_schema
from tests.settings.support import (
    VPC,
    edge_stack,
    elasticache,
    model,
    pool_stack,
    pooled_model,
    redis_stack,
    router_stack,
    sagemaker_model,
    shared_model,
    stack,
)
from tests.settings.test_edge_values import (
    EDGE_ACCEPTED,
    EDGE_REFUSED,
    SAGEMAKER_ACCEPTED,
    SAGEMAKER_REFUSED,
    edge_at,
    sagemaker_at,
)
from tests.settings.test_google_values import GOOGLE_ACCEPTED, GOOGLE_REFUSED, google_at
from tests.settings.test_pool_values import (
    MODEL_POOL_ACCEPTED,
    MODEL_POOL_REFUSED,
    POOL_ACCEPTED,
    POOL_REFUSED,
    ROUTER_ACCEPTED,
    ROUTER_REFUSED,
    pool_at,
)
from tests.settings.test_store_values import CACHE_ACCEPTED, CACHE_REFUSED, STORE_ACCEPTED, STORE_REFUSED, cache_at
from tests.settings.test_values import ACCEPTED, REFUSED, at
from tests.settings.test_verify_values import VERIFY_ACCEPTED, VERIFY_REFUSED

VALIDATOR = jsonschema.Draft202012Validator(stack_file_schema())
SECURE = {"secure": "v1:bm9uY2U=:Y2lwaGVydGV4dA=="}


def stack_file(document: dict[str, Any]) -> dict[str, Any]:
    config = {f"inference-edge:{key}": value for key, value in document.items()}
    return {
        "encryptionsalt": "v1:x",
        "config": {"kong:kongAdminUri": "http://kong:8001", "aws:region": SECURE, **config},
    }


def accepts(document: dict[str, Any]) -> bool:
    return VALIDATOR.is_valid(stack_file(document))


def test_the_file_in_the_repository_is_current() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run: make schema"


def test_it_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(stack_file_schema())


@pytest.mark.parametrize(("path", "value"), ACCEPTED)
def test_accepts_what_the_program_accepts(path: str, value: Any) -> None:
    assert accepts(at(path, value))


@pytest.mark.parametrize(("path", "value"), [(p, v) for p, v in REFUSED if v == v and v != float("inf")])
def test_refuses_what_the_program_refuses(path: str, value: Any) -> None:
    assert not accepts(at(path, value))


@pytest.mark.parametrize(("path", "value"), EDGE_ACCEPTED)
def test_accepts_what_the_program_accepts_of_an_edge(path: str, value: Any) -> None:
    assert accepts(edge_at(path, value))


@pytest.mark.parametrize(("path", "value"), EDGE_REFUSED)
def test_refuses_what_the_program_refuses_of_an_edge(path: str, value: Any) -> None:
    assert not accepts(edge_at(path, value))


@pytest.mark.parametrize(("provider", "path", "value"), GOOGLE_ACCEPTED)
def test_accepts_what_the_program_accepts_of_an_edge_of_google(provider: str, path: str, value: Any) -> None:
    assert accepts(google_at(provider, path, value))


@pytest.mark.parametrize(("provider", "path", "value"), GOOGLE_REFUSED)
def test_refuses_what_the_program_refuses_of_an_edge_of_google(provider: str, path: str, value: Any) -> None:
    assert not accepts(google_at(provider, path, value))


@pytest.mark.parametrize(("path", "value"), SAGEMAKER_ACCEPTED)
def test_accepts_what_the_program_accepts_of_sagemaker(path: str, value: Any) -> None:
    assert accepts(sagemaker_at(path, value))


@pytest.mark.parametrize(("path", "value"), SAGEMAKER_REFUSED)
def test_refuses_what_the_program_refuses_of_sagemaker(path: str, value: Any) -> None:
    assert not accepts(sagemaker_at(path, value))


@pytest.mark.parametrize(("path", "value"), STORE_ACCEPTED)
def test_accepts_what_the_program_accepts_of_a_store(path: str, value: Any) -> None:
    assert accepts(at(path, value))


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, value, _ in STORE_REFUSED])
def test_refuses_what_the_program_refuses_of_a_store(path: str, value: Any) -> None:
    assert not accepts(at(path, value))


@pytest.mark.parametrize(("path", "value"), VERIFY_ACCEPTED)
def test_accepts_what_the_program_accepts_of_costs_and_verification(path: str, value: Any) -> None:
    assert accepts(at(path, value))


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, value, _ in VERIFY_REFUSED])
def test_refuses_what_the_program_refuses_of_costs_and_verification(path: str, value: Any) -> None:
    assert not accepts(at(path, value))


@pytest.mark.parametrize(("path", "value"), CACHE_ACCEPTED)
def test_accepts_what_the_program_accepts_of_a_shared_cache(path: str, value: Any) -> None:
    assert accepts(cache_at(path, value))


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, value, _ in CACHE_REFUSED])
def test_refuses_what_the_program_refuses_of_a_shared_cache(path: str, value: Any) -> None:
    assert not accepts(cache_at(path, value))


@pytest.mark.parametrize(("path", "value"), POOL_ACCEPTED)
def test_accepts_what_the_program_accepts_of_a_pool(path: str, value: Any) -> None:
    assert accepts(pool_at(path, value))


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, value, _ in POOL_REFUSED])
def test_refuses_what_the_program_refuses_of_a_pool(path: str, value: Any) -> None:
    assert not accepts(pool_at(path, value))


@pytest.mark.parametrize("use", MODEL_POOL_ACCEPTED)
def test_accepts_what_the_program_accepts_of_a_models_pool(use: dict[str, Any]) -> None:
    assert accepts(pool_stack(pooled_model(use)))


@pytest.mark.parametrize("use", [use for use, _ in MODEL_POOL_REFUSED])
def test_refuses_what_the_program_refuses_of_a_models_pool(use: dict[str, Any]) -> None:
    assert not accepts(pool_stack(pooled_model(use)))


@pytest.mark.parametrize(("key", "value"), ROUTER_ACCEPTED)
def test_accepts_what_the_program_accepts_of_a_router(key: str, value: Any) -> None:
    assert accepts(router_stack(**{key: value}))


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, value, _ in ROUTER_REFUSED])
def test_refuses_what_the_program_refuses_of_a_router(key: str, value: Any) -> None:
    assert not accepts(router_stack(**{key: value}))


@pytest.mark.parametrize(
    "document",
    [
        redis_stack(password=SECURE, username="app"),
        redis_stack(url=SECURE),
        edge_stack(shared_model(), authentication={"mode": "jwt", "secrets": [SECURE]}),
        stack(consumers=[{"name": "web", "key": SECURE, "models": ["digits"]}]),
        stack(consumers=SECURE),
        stack(model(endpoint=SECURE, version=SECURE)),
        {"models": SECURE},
    ],
)
def test_an_encrypted_value_may_stand_at_any_text(document: dict[str, Any]) -> None:
    assert accepts(document)


@pytest.mark.parametrize(
    "document",
    [
        {},
        stack(modles=[]),
        stack(model(ttl=3)),
        stack(model(cache={"ttl": 3})),
        stack(consumers=[{"name": "web", "key": "0123456789abcdef"}]),
        redis_stack(password="0123456789abcdef"),
        redis_stack(provider="elasticache", elasticache={"vpcId": VPC}),
        redis_stack(provider="elasticache"),
        redis_stack(provider="existing"),
        redis_stack(elasticache=elasticache()),
        redis_stack(provider="elasticache", elasticache=elasticache(), url="rediss://cache.example.com"),
        stack(model(endpoint={**SECURE, "more": 1})),
        edge_stack(shared_model(), authentication={"mode": "jwt", "secrets": ["plain-" * 8]}),
        stack({"name": "digits", "version": "1"}),
        stack({"name": "digits", "endpoint": "http://model/x"}),
        stack(sagemaker_model(endpoint="http://model/x")),
        pool_stack(pooled_model(endpoint="http://model/x")),
        stack(pooled_model(), pools=[{"name": "chat"}]),
        pool_stack(discovery={"name": "replicas.internal", "port": 8000}, targets=[{"address": "model:80"}]),
        pool_stack({key: value for key, value in pooled_model().items() if key != "version"}),
        stack(router={}),
    ],
)
def test_refuses_unknown_keys_plain_keys_and_missing_models(document: dict[str, Any]) -> None:
    assert not accepts(document)


def test_every_key_is_described() -> None:
    def undescribed(node: Any, path: str) -> list[str]:
        found = []
        for name, part in node.get("properties", {}).items():
            if "description" not in part and "$ref" not in part:
                found.append(f"{path}.{name}")
        return found

    schema = stack_file_schema()
    nodes = {"config": schema["properties"]["config"], **schema["$defs"]}
    del nodes["Secure"]
    assert [key for name, node in nodes.items() for key in undescribed(node, name)] == []


@pytest.mark.parametrize("path", sorted(SCHEMA_FILE.parents[1].glob("Pulumi.*.yaml")), ids=lambda path: path.name)
def test_every_stack_file_of_the_repository_is_valid(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(path.read_text()))] == []
