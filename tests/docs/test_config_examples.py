"""The stack files in the README are right, and the long one shows every key with its default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import Settings, parse_settings
from settings.edge_providers import EDGE_PROVIDERS
from settings.verify_models import VerifySettings
from tests.docs.documents import README, ROOT, blocks

_NAMESPACE = "inference-edge:"
_GIVEN_KEY = "a-key-for-this-test-only"


def _examples() -> tuple[dict[str, Any], dict[str, Any]]:
    """The smallest and the complete stack config, which has no edge, shared cache, pool and router."""
    smallest, complete = (yaml.safe_load(block)["config"] for block in blocks(README, "yaml")[:2])
    for consumer in complete[f"{_NAMESPACE}consumers"]:
        assert set(consumer["key"]) == {"secure"}
        consumer["key"] = _GIVEN_KEY
    return _own(smallest), _own(complete)


def _own(config: dict[str, Any]) -> dict[str, Any]:
    return {key.removeprefix(_NAMESPACE): value for key, value in config.items() if key.startswith(_NAMESPACE)}


def _parsed(document: dict[str, Any]) -> Settings:
    return parse_settings(document, secret_sections=frozenset({"consumers"}))


def test_the_smallest_stack_file_is_valid_and_takes_less_than_ten_lines() -> None:
    smallest, _ = _examples()
    assert [model.name for model in _parsed(smallest).models] == ["digits"]
    assert len(blocks(README, "yaml")[0].splitlines()) < 10


def test_the_complete_stack_file_shows_every_key() -> None:
    _, complete = _examples()
    written = _keys(complete)
    of_models = {"sagemaker": True, "pool": True, "timeouts": {"stream_seconds"}}
    left_out = {"edge": True, "shared_cache": True, "pools": True, "router": True, "models": {"__all__": of_models}}
    parsed = _parsed(complete).model_dump(by_alias=True, exclude=left_out)
    assert written == (_keys(parsed) - {"perHour", "perInstanceHour", "concurrency"}) | {"key"}


def test_the_complete_stack_file_shows_the_defaults() -> None:
    smallest, complete = _examples()
    del complete["consumers"]
    model = complete["models"][0]
    for section, shown_as_example in ((model["access"], "rateLimit"), (model["access"], "cors"), (model, "cost")):
        del section[shown_as_example]
    verify = model["cache"].pop("verify")
    assert VerifySettings.model_validate(verify) == VerifySettings()
    assert _parsed(complete) == _parsed(smallest)


def _further_examples(section: str, document: Path = README) -> list[dict[str, Any]]:
    found = [_own(yaml.safe_load(block)["config"]) for block in blocks(document, "yaml") if f":{section}:" in block]
    assert found
    return found


@pytest.mark.parametrize("document", [README, ROOT / "docs" / "stores.md"], ids=lambda path: path.name)
def test_every_stack_file_with_a_shared_cache_is_valid_and_uses_it(document: Path) -> None:
    for example in _further_examples("sharedCache", document):
        assert set(example["sharedCache"]["password"]) == {"secure"}
        example["sharedCache"]["password"] = _GIVEN_KEY
        settings = parse_settings(example, secret_sections=frozenset({"sharedCache"}))
        assert [model.cache.store for model in settings.models] == ["redis"]


def test_every_stack_file_with_an_edge_is_valid_and_its_answers_are_shared() -> None:
    for example in _further_examples("edge"):
        settings = _parsed(example)
        assert settings.edge.provider in EDGE_PROVIDERS
        assert all(model.cache.shareable for model in settings.models)


@pytest.mark.parametrize("document", [README, ROOT / "docs" / "pools.md"], ids=lambda path: path.name)
def test_every_stack_file_with_pools_is_valid_and_routes_to_all_of_its_models(document: Path) -> None:
    for example in _further_examples("pools", document):
        settings = _parsed(example)
        assert all(model.pool for model in settings.models)
        assert settings.router and settings.router.models
        routed = [part for name in settings.router.models for part in (*name.versions, name.fallback) if part]
        assert {part.model for part in routed} == {model.name for model in settings.models}


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list | tuple) else set()
