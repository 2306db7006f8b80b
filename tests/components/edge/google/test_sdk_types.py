"""The check by the SDK's types finds what it is there to find."""

from __future__ import annotations

from typing import Any

import pytest

from tests.components.edge.google.sdk_types import check_inputs

SERVICE = "gcp:networkservices/edgeCacheService:EdgeCacheService"
RULE = {"priority": "1", "matchRules": [{"fullPathMatch": "/a"}]}


def routing(**rule: Any) -> dict[str, Any]:
    return {"routing": {"hostRules": [], "pathMatchers": [{"name": "a", "routeRules": [{**RULE, **rule}]}]}}


def test_what_the_sdk_knows_passes() -> None:
    check_inputs(SERVICE, {**routing(), "requireTls": True})


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, r"EdgeCacheService\.routing is missing"),
        ({**routing(), "tls": True}, r"EdgeCacheService\.tls is not known"),
        ({**routing(), "requireTls": "yes"}, r"requireTls is 'yes', no bool"),
        (routing(priority=1), r"routeRules\[0\]\.priority is 1, no str"),
        (routing(matchRules={}), r"routeRules\[0\]\.matchRules is no list"),
        (routing(routeAction={"cdnPolicy": {"ttl": 1}}), r"routeAction\.cdnPolicy\.ttl is not known"),
    ],
)
def test_what_it_does_not_know_is_named(inputs: dict[str, Any], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_inputs(SERVICE, inputs)
