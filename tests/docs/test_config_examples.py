"""The stack files in the README are right; the long one shows every key that most stacks need, with its default."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.engine import EmbeddedEngine
from settings import Settings, parse_settings
from settings.edge_providers import EDGE_PROVIDERS
from settings.verify_models import VerifySettings
from tests.docs.documents import README, ROOT, blocks

_NAMESPACE = "inference-edge:"
_GIVEN_KEY = "a-key-for-this-test-only"


def _examples() -> tuple[dict[str, Any], dict[str, Any]]:
    """The smallest and the long stack config, which has no edge, shared cache, pool and router."""
    smallest, long = (yaml.safe_load(block)["config"] for block in blocks(README, "yaml")[:2])
    for consumer in long[f"{_NAMESPACE}consumers"]:
        assert set(consumer["key"]) == {"secure"}
        consumer["key"] = _GIVEN_KEY
    return _own(smallest), _own(long)


def _own(config: dict[str, Any]) -> dict[str, Any]:
    return {key.removeprefix(_NAMESPACE): value for key, value in config.items() if key.startswith(_NAMESPACE)}


def _parsed(document: dict[str, Any]) -> Settings:
    return parse_settings(document, secret_sections=frozenset({"consumers"}))


def test_the_smallest_stack_file_is_valid_and_takes_less_than_ten_lines() -> None:
    smallest, _ = _examples()
    assert [model.name for model in _parsed(smallest).models] == ["digits"]
    assert len(blocks(README, "yaml")[0].splitlines()) < 10


def test_the_long_stack_file_shows_every_key_but_those_of_the_sections_below() -> None:
    _, long = _examples()
    written = _keys(long)
    of_models = {"sagemaker": True, "pool": True, "timeouts": {"stream_seconds"}}
    left_out = {"edge": True, "shared_cache": True, "pools": True, "router": True, "models": {"__all__": of_models}}
    parsed = _parsed(long).model_dump(by_alias=True, exclude=left_out)
    assert written == (_keys(parsed) - {"perHour", "perInstanceHour", "concurrency"}) | {"key"}


def test_the_long_stack_file_shows_the_defaults() -> None:
    smallest, long = _examples()
    del long["consumers"]
    model = long["models"][0]
    for section, shown_as_example in ((model["access"], "rateLimit"), (model["access"], "cors"), (model, "cost")):
        del section[shown_as_example]
    verify = model["cache"].pop("verify")
    assert VerifySettings.model_validate(verify) == VerifySettings()
    assert _parsed(long) == _parsed(smallest)


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


def test_the_stack_file_with_an_edge_leaves_the_policies_nothing_to_say(tmp_path: Path) -> None:
    (example,) = [block for block in blocks(README, "yaml") if ":edge:" in block]
    (tmp_path / "Pulumi.prod.yaml").write_text(example)
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    (tmp_path / "__main__.py").symlink_to(ROOT / "__main__.py")
    engine = EmbeddedEngine(tmp_path, "prod", tmp_path / ".state", policy_pack=ROOT / "policies")
    assert "✅" in (said := engine.preview().policies) and "advisory" not in said


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
