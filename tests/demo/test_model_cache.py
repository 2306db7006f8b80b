from __future__ import annotations

from local.demo.model_cache import cache_of, with_cache
from local.stack_file import MODELS


def test_changes_the_first_models_cache_alone() -> None:
    other = {"name": "letters", "cache": {"ttlSeconds": 1}}
    config = {"a": 1, MODELS: [{"name": "digits", "cache": {"verify": {}, "ttlSeconds": 9}}, other]}
    changed = with_cache(config, verify=None, generation=2)
    assert changed == {"a": 1, MODELS: [{"name": "digits", "cache": {"ttlSeconds": 9, "generation": 2}}, other]}
    assert cache_of(config) == {"verify": {}, "ttlSeconds": 9}


def test_a_model_without_cache_settings_gets_those_that_are_named() -> None:
    assert with_cache({MODELS: [{"name": "digits", "cache": None}]}, generation=2)[MODELS] == [
        {"name": "digits", "cache": {"generation": 2}}
    ]
    assert cache_of(with_cache({MODELS: [{"name": "digits"}]}, verify=None)) == {}
