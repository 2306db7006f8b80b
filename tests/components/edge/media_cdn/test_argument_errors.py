"""What MediaCdnEdge says about a wrong argument of its own, word by word."""

from __future__ import annotations

from typing import Any

import pytest

from components import ArgumentError
from components.edge import limits
from components.edge.google.rule_counts import route_rule_count
from components.edge.media_cdn import MediaCdnEdge
from tests.components.edge.cloudfront.arguments import public_key, shareable_route
from tests.components.edge.google.arguments import PUBLIC_KEYS, SHARED_KEY, fast, minimal_args
from tests.components.edge.google.memory_gcp import GcpStack

ED25519 = "authentication.public_keys must be Ed25519 public keys: 32 bytes in base64"


def authentication(**given: Any) -> Any:
    return {"authentication": given}


def route(**more: Any) -> Any:
    return {"routes": [fast(shareable_route(**more))]}


def many(count: int) -> list[Any]:
    return [fast(shareable_route(model=f"m{i}", path=f"/m{i}")) for i in range(count)]


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "firewall": ({"firewall": {}}, "firewall is an argument of CloudFrontEdge and CloudCdnEdge, Media CDN has none"),
    "slower than Media CDN": (
        route(timeout_seconds=15.5),
        "routes digits timeout_seconds must be at most 15, Media CDN's own limit (it is 15.5)",
    ),
    "the gateway's default": (
        {"routes": [shareable_route()]},
        "routes digits timeout_seconds must be at most 15, Media CDN's own limit (it is 65)",
    ),
    "long read time": (
        {"origin": {"domain": "kong.test", "read_timeout_seconds": 16}},
        "origin.read_timeout_seconds must be a whole number from 1 to 15",
    ),
    "shield": (
        {"origin": {"domain": "kong.test", "shield_region": "Europe"}},
        "origin.shield_region must be a region of Google Cloud such as europe-west1",
    ),
    "too many key headers": (
        route(key_headers=[f"x-{i}" for i in range(5)]),
        "routes digits key_headers may have 4 names",
    ),
    "too many certificates": ({"certificate_ids": ["a"] * 6}, "certificate_ids may have 5 certificates"),
    "too many rules": (
        {"routes": many(41)},
        "routes make 205 route rules, of which Media CDN takes 200: use another edge for some of the models",
    ),
    "mode": (authentication(mode="jwt"), "authentication.mode must be one of none, signed-url"),
    "unknown of authentication": (
        authentication(secrets=["a"]),
        "authentication.secrets is not an argument; known are mode, public_keys, shared_keys",
    ),
    "no keys": (
        authentication(mode="signed-url"),
        "authentication needs public_keys or shared_keys with mode signed-url",
    ),
    "keys of nobody": (
        authentication(public_keys=PUBLIC_KEYS),
        "authentication.public_keys needs authentication.mode signed-url",
    ),
    "shared keys of nobody": (
        authentication(mode="none", shared_keys=[SHARED_KEY]),
        "authentication.shared_keys needs authentication.mode signed-url",
    ),
    "too many keys": (
        authentication(mode="signed-url", shared_keys=[SHARED_KEY] * 4),
        "authentication.shared_keys may have 3 keys",
    ),
    "PEM": (authentication(mode="signed-url", public_keys=[public_key()]), ED25519),
    "short key": (authentication(mode="signed-url", public_keys=["A" * 42]), ED25519),
    "no text": (authentication(mode="signed-url", public_keys=[1]), ED25519),
    "key twice": (
        authentication(mode="signed-url", public_keys=["A" * 43, "A" * 43 + "="]),
        "authentication.public_keys has a key twice",
    ),
    "secret instead of its version": (
        authentication(mode="signed-url", shared_keys=["0123456789abcdef"]),
        "authentication.shared_keys must be names such as projects/shop/secrets/edge/versions/1",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_argument_is_refused_before_anything_is_made(name: str) -> None:
    given, message = CASES[name]
    with pytest.raises(ArgumentError) as error:
        MediaCdnEdge("edge", minimal_args(**given))
    assert str(error.value) == f"MediaCdnEdge: {message}"


def test_a_given_key_is_not_repeated_in_a_message() -> None:
    with pytest.raises(ArgumentError) as error:
        MediaCdnEdge("edge", minimal_args(**authentication(mode="signed-url", shared_keys=["0123456789abcdef"])))
    assert "0123456789abcdef" not in str(error.value)


def test_as_many_models_as_there_are_rules_for() -> None:
    assert sum(route_rule_count(each) for each in many(40)) == limits.MEDIA_CDN_ROUTE_RULES


@pytest.mark.parametrize("key", ["A" * 43, "A" * 43 + "=", "-_+/" + "A" * 39])
def test_a_public_key_in_either_alphabet(key: str, stack: GcpStack) -> None:
    args = minimal_args(**authentication(mode="signed-url", public_keys=[key]))
    made = stack.up(lambda: MediaCdnEdge("edge", args))
    [given] = made["edge-keyset"]["inputs"]["publicKeys"]
    assert given["value"] == key and given["id"].startswith("key-")
    [matcher] = made["edge-service"]["inputs"]["routing"]["pathMatchers"]
    modes = {rule["routeAction"]["cdnPolicy"].get("signedRequestMode") for rule in matcher["routeRules"]}
    assert modes == {"REQUIRE_SIGNATURES", None}


def test_keys_are_exchanged_without_a_moment_in_which_none_is_valid(stack: GcpStack) -> None:
    def ids(keys: list[str]) -> list[str]:
        args = minimal_args(**authentication(mode="signed-url", public_keys=keys))
        made = stack.up(lambda: MediaCdnEdge("edge", args))
        return [key["id"] for key in made["edge-keyset"]["inputs"]["publicKeys"]]

    [first], both, [second] = ids(PUBLIC_KEYS[:1]), ids(PUBLIC_KEYS), ids(PUBLIC_KEYS[1:])
    assert both == [first, second]
    assert "delete EdgeCacheKeyset" not in stack.gcp.calls
