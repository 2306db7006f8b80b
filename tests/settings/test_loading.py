"""From Pulumi's own configuration."""

from __future__ import annotations

import contextvars
import json
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime import reset_options, set_all_config

from settings import Settings, SettingsError, load_settings
from tests.settings.support import MODEL

SMALLEST = """
config:
  inference-edge:models:
    - name: digits
      version: "1"
      endpoint: http://127.0.0.1:8080/invocations
"""


def load(config: dict[str, Any], secret_keys: tuple[str, ...] = ()) -> Settings:
    """Load as a program does that Pulumi has started with this config, without touching the test's own context."""

    def program() -> Settings:
        reset_options(project="inference-edge", stack="dev")
        set_all_config(config, list(secret_keys))
        return load_settings(pulumi.Config())

    return contextvars.copy_context().run(program)


def test_the_smallest_stack_file_loads() -> None:
    assert len(SMALLEST.strip().splitlines()) < 10
    config = yaml.safe_load(SMALLEST)["config"]
    settings = load({key: json.dumps(value) for key, value in config.items()})
    assert settings.models[0].route.path == "/digits/predict"
    assert settings.gateway_url == "http://localhost:8000"
    assert settings.dictionary == "prediction_cache"


def test_lists_may_arrive_as_lists_or_as_json_text() -> None:
    assert load({"inference-edge:models": [MODEL]}) == load({"inference-edge:models": json.dumps([MODEL])})


def test_keys_of_other_namespaces_are_left_alone() -> None:
    load({"inference-edge:models": [MODEL], "kong:kongAdminUri": "http://kong", "inference-edges:x": "1"})


def test_an_unknown_key_of_our_namespace_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        load({"inference-edge:models": [MODEL], "inference-edge:gatewayurl": "http://gateway"})
    assert str(caught.value).splitlines() == [
        "Pulumi.dev.yaml has 1 error; nothing was deployed.",
        "  inference-edge:gatewayurl: unknown key; did you mean gatewayUrl?",
    ]


def test_an_encrypted_key_loads_and_prints_as_stars() -> None:
    consumers = json.dumps([{"name": "web", "key": "0123456789abcdef"}])
    config = {"inference-edge:models": json.dumps([MODEL]), "inference-edge:consumers": consumers}
    settings = load(config, secret_keys=("inference-edge:consumers",))
    key = settings.consumers[0].key
    assert key is not None and key.get_secret_value() == "0123456789abcdef"
    assert "0123456789abcdef" not in repr(settings)


def test_a_plain_key_is_refused() -> None:
    config = {
        "inference-edge:models": [MODEL],
        "inference-edge:consumers": [{"name": "web", "key": "0123456789abcdef"}],
    }
    with pytest.raises(SettingsError, match="must be encrypted"):
        load(config)


def test_the_error_ends_a_program_without_a_traceback() -> None:
    assert issubclass(SettingsError, pulumi.RunError)


def test_config_from_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"inference-edge:models": json.dumps([MODEL])}))
    assert load({}).models[0].name == "digits"
