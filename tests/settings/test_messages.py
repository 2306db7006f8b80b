"""How errors are told: all at once, each once, at its path, and never with a secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import SettingsError, parse_settings
from tests.settings.support import MODEL, model, problems, stack


def test_the_whole_text_names_file_paths_values_and_what_is_allowed() -> None:
    document = stack(model(cache={"ttlSeconds": 0, "ttl": 60}))
    with pytest.raises(SettingsError) as caught:
        parse_settings(document, source="Pulumi.dev.yaml")
    assert str(caught.value).splitlines() == [
        "Pulumi.dev.yaml has 2 errors; nothing was deployed.",
        "  inference-edge:models[0].cache.ttlSeconds = 0: must be a whole number from 1 to 31536000 (seconds)",
        "  inference-edge:models[0].cache.ttl: unknown key; did you mean ttlSeconds?",
    ]
    assert caught.value.errors[0].path == "inference-edge:models[0].cache.ttlSeconds"


def test_everything_wrong_is_told_at_once_in_the_order_of_the_file() -> None:
    document = stack(
        model(version=1, cache={"profile": "llm", "excludeFields": ["temperature"], "responseCodes": [204]}),
        model(access={"maxRequestBytes": 10, "rateLimit": {"perSecond": 5, "perMinute": 1}}),
        gatewayUrl="gateway",
        consumers=[{"name": "web", "models": ["irsi"]}],
        edges="none",
    )
    assert [problem.partition(":")[0].partition(" ")[0] for problem in problems(document)] == [
        "edges",
        "gatewayUrl",
        "models[0].version",
        "models[0].cache.responseCodes[0]",
        "models[0].cache.excludeFields[0]",
        "models[1].name",
        "models[1].access.rateLimit.perMinute",
        "models[1].access.maxRequestBytes",
        "consumers[0].models[0]",
    ]


def test_the_tenth_model_comes_after_the_ninth() -> None:
    found = problems(stack(*(model(name=f"m{i}", retries=999) for i in range(11))))
    assert [problem.partition(".")[0] for problem in found] == [f"models[{i}]" for i in range(11)]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({}, "models: required but missing; must be a list of 1 to 1000 models"),
        ({"modles": [MODEL]}, "modles: unknown key; did you mean models?"),
        (stack(model(ttlSeconds=5)), "models[0].ttlSeconds: unknown key; did you mean cache.ttlSeconds?"),
        (stack(model(cache={"ttl_seconds": 5})), "models[0].cache.ttl_seconds: unknown key; did you mean ttlSeconds?"),
        (stack(model(timeouts={"idle": 5})), "models[0].timeouts.idle: unknown key; "
         "allowed are connectSeconds, readSeconds, writeSeconds, streamSeconds"),
        (stack(model(**{"a.b\n": 5})), 'models[0]["a.b\\n"]: unknown key; allowed are '
         "name, version, endpoint, sagemaker, pool, route, cache, cost, access, timeouts, retries"),
        (stack(model(version=1)), "models[0].version = 1: "
         "must be 1 to 128 printable ASCII characters; put the value in quotes"),
        (stack(model(cache={"responseCodes": [404]})), "models[0].cache.responseCodes[0] = 404: "
         "must be 200, 201 or 203; only a complete answer with content is a prediction to store"),
        (stack(model(cache={"keyHeaders": ["cookie"]})), 'models[0].cache.keyHeaders[0] = "cookie": '
         "cookie is not allowed here: it belongs to the connection or the caller, not to the question"),
        (stack(model(cache=None)), "models[0].cache = null: must be a mapping; leave the key out for its defaults"),
        (stack(model(cache={"enabled": "yes"})), 'models[0].cache.enabled = "yes": must be true or false'),
        (stack(model(timeouts={"readSeconds": 0})), "models[0].timeouts.readSeconds = 0: "
         "must be a number from 0.001 to 3600 (seconds)"),
        ({"models": ["digits"]}, 'models[0] = "digits": must be a mapping'),
        (stack(model(name="n" * 500)), f'models[0].name = "{"n" * 60}...": '
         "must be 1 to 40 lower-case letters, digits and hyphens, beginning with a letter"),
        (stack(gatewayUrl="http://me:pass/word@gw?token=x"), 'gatewayUrl = "http://[secret]@gw?...": '
         "must be http:// or https://, a host, and optionally a port and a path; "
         "no user, password, query or fragment"),
        (stack(dictionary="\x1b[31mred"), 'dictionary = "\\u001b[31mred": must be the name of an nginx shared '
         "dictionary of its own: letters, digits and _, not one of Kong's (kong...)"),
    ],
)  # fmt: skip
def test_says(document: dict[str, Any], problem: str) -> None:
    assert problems(document) == [problem]


def test_a_misspelt_value_does_not_cause_follow_up_errors() -> None:
    found = problems(stack(model(access={"mdoe": "upstream-credential", "credentialHeaders": ["x-key"]})))
    assert found == ["models[0].access.mdoe: unknown key; did you mean mode?"]
    found = problems(stack(model(name="Digits"), consumers=[{"name": "web", "models": ["digits"]}]))
    assert [problem.partition(" ")[0] for problem in found] == ["models[0].name"]


def test_a_key_in_plain_text_is_refused_with_the_command_that_encrypts_it() -> None:
    key = "plain-text-key-0123456789"
    (problem,) = problems(stack(consumers=[{"name": "web", "key": key}]))
    assert problem == (
        "consumers[0].key: must be encrypted; take a new key and run: "
        "pulumi config set --secret --path 'inference-edge:consumers[0].key'"
    )


def test_encrypted_sections_are_never_shown() -> None:
    document = stack(model(name="HIDDEN", retries=999), consumers=[{"name": "HIDDEN"}])
    found = problems(document, secret_sections=frozenset({"models", "consumers"}))
    assert [problem.partition(" = ")[2].partition(":")[0] for problem in found] == ["[secret]"] * 3


SECRET = st.text(st.characters(codec="ascii", categories=["Lu", "Ll", "Nd"]), min_size=12, max_size=40).map(
    "s3c-".__add__
)


@given(SECRET, st.booleans(), st.sampled_from(range(9)))
def test_no_message_holds_a_secret(secret: str, encrypted: bool, place: int) -> None:
    web = {"name": "web"}
    document = [
        stack(consumers=[{**web, "key": secret + " "}]),
        stack(consumers=[{**web, "key": [secret]}]),
        stack(consumers=[{**web, "key": secret, "models": ["x"]}, {**web, "key": secret}]),
        stack(consumers=[secret]),
        stack(consumers=secret),
        stack(consumers=json.dumps([{**web, "key": secret, "kye": secret}])),
        stack(model(endpoint=f"http://user:{secret}@model/x")),
        stack(model(endpoint=f"http://model/x?token={secret}")),
        stack(gatewayUrl=f"http://user:{secret}/@gateway/"),
    ][place]
    found = problems(document, secret_sections=frozenset({"consumers"} if encrypted else ()))
    assert found
    assert secret not in "\n".join(found)
