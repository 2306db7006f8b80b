"""The edges that are attacked: how each one is configured, how it tells a hit, and what it does in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import pytest

from tests.edge_attack.wire import Headers, joined

_JSON_ACCEPT = ("*/*", "application/json", "application/json, */*")
_SAGEMAKER = "x-amzn-sagemaker-"
# GETs with one of these go past the caches of Google's edges.
_PASSED_ON = frozenset(
    {
        "access-control-request-method",
        "prefer",
        "x-amz-security-token",
        f"{_SAGEMAKER}custom-attributes",
        f"{_SAGEMAKER}enable-explanations",
        f"{_SAGEMAKER}inference-component",
        f"{_SAGEMAKER}inference-id",
        f"{_SAGEMAKER}session-id",
        f"{_SAGEMAKER}target-container-hostname",
        f"{_SAGEMAKER}target-model",
        f"{_SAGEMAKER}target-variant",
        "x-goog-api-key",
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
    }
)
# What the gateway reads, and refuses to a GET in other spellings.
_READ = _PASSED_ON | {"accept", "x-model-version", "x-origin-verify", "x-tenant"}


class Fate(Enum):
    """What becomes of a GET for a shareable model."""

    SHARED = auto()  # everybody's answer, kept
    OWN = auto()  # past the cache: the gateway answers it for this caller alone
    REFUSED = auto()  # before anything is kept; then the kept answer may be given


@dataclass(frozen=True)
class EdgeUnderTest:
    """One CDN's stand-in.

    name: the config's ``edge.provider``; stack: the provider's own part of the stack config, with {admin} for the local
    edge's address; edge: more of ``edge`` (what answers no request is off, for speed); hits: how its X-Cache ends when
    it asked nobody; authentication: the modes that it has besides none, and why it has not the others.

    passed_on: headers that send a GET past its cache, empty: it refuses them itself; leaves: headers of an answer that
    it cannot take away; drops_unknown: query parameters, and headers of the request; models: more of each's config.
    """

    name: str
    stack: Mapping[str, Any]
    edge: Mapping[str, Any]
    hits: str
    authentication: frozenset[str]
    without: Mapping[str, str]
    passed_on: frozenset[str] = frozenset()
    leaves: frozenset[str] = frozenset()
    drops_unknown: bool = False
    matches_methods: bool = True
    signs_posts: bool = True
    stale_if_error: bool = True
    takes_every_host: bool = False
    maximum_body_bytes: int | None = None
    models: Mapping[str, Any] = field(default_factory=dict)

    def stack_config(self, admin: str) -> dict[str, Any]:
        return _filled(self.stack, admin)

    def is_hit(self, headers: Mapping[str, str]) -> bool:
        """Whether the edge answered without asking the gateway; header names in lower case."""
        return headers.get("x-cache", "").startswith(self.hits)

    def is_own_page(self, headers: Mapping[str, str]) -> bool:
        """Whether the edge answered by itself, before it looked into its cache; header names in lower case."""
        return headers.get("x-cache", "FunctionGeneratedResponse").startswith("FunctionGeneratedResponse")

    def fate(self, headers: Headers, *, otherwise: Fate, sites: int) -> Fate:
        """What a GET with these headers comes to; otherwise: at an edge that looks at all headers itself."""
        if not self.passed_on:
            return otherwise
        given = joined(headers)
        hidden = {name.strip().lower() for name in given.get("connection", "").split(",")}
        names = set(given) - hidden
        passed_on = self.passed_on | ({"origin"} if sites > 1 else set())
        if names & passed_on or given.get("accept", "*/*") not in _JSON_ACCEPT:
            return Fate.OWN
        respelt = {name.replace("_", "-") for name in names if "_" in name}
        if respelt & _READ or any(name.startswith(_SAGEMAKER) for name in names | respelt):
            return Fate.REFUSED
        return Fate.SHARED


def with_mode(mode: str) -> pytest.MarkDecorator:
    """The mark of tests of the edges with this mode of authentication; the others tell why they have it not."""
    params = [
        pytest.param(name, marks=() if mode in edge.authentication else pytest.mark.skip(reason=edge.without[mode]))
        for name, edge in EDGES.items()
    ]
    return pytest.mark.parametrize("edge_kind", params, indirect=True, scope="session")


def _filled(template: Any, admin: str) -> Any:
    if isinstance(template, Mapping):
        return {name: _filled(value, admin) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, admin) for value in template]
    return template.replace("{admin}", admin)


def _off(*sections: str) -> dict[str, Any]:
    return {name: {"enabled": False} for name in sections}


_GOOGLE_STACK = {
    "gcp:project": "local-stand-in.",
    "gcp:networkServicesCustomEndpoint": "{admin}/v1/",
    "gcp:computeCustomEndpoint": "{admin}/compute/v1/",
}
_GOOGLE_NAMES = {
    "aliases": ["predict.test", "other.predict.test"],
    "certificateIds": ["projects/shop/locations/global/certificates/predict"],
}
_BODY_BYTES = 16 * 1024  # Media CDN, "Quotas and limits"
EDGES = {
    edge.name: edge
    for edge in (
        EdgeUnderTest(
            name="cloudfront",
            stack={
                "aws:allowedAccountIds": ["000000000000"],
                "aws:region": "eu-west-1",
                "aws:endpoints": [{"cloudfront": "{admin}"}],
            },
            edge=_off("firewall", "logs", "alarms"),
            hits="Hit",
            authentication=frozenset({"jwt", "signed-url"}),
            without={},
            takes_every_host=True,
            drops_unknown=True,
        ),
        EdgeUnderTest(
            name="media-cdn",
            stack=_GOOGLE_STACK,
            edge={**_off("logs", "alarms"), **_GOOGLE_NAMES},
            hits="local;hit",
            authentication=frozenset({"signed-url"}),
            without={"jwt": "Media CDN reads no JWT"},
            passed_on=_PASSED_ON,
            leaves=frozenset({"set-cookie"}),
            matches_methods=False,
            signs_posts=False,
            maximum_body_bytes=_BODY_BYTES,
            models={"access": {"maxRequestBytes": _BODY_BYTES}, "cache": {"maxBodyBytes": _BODY_BYTES}},
        ),
        EdgeUnderTest(
            name="cloud-cdn",
            stack=_GOOGLE_STACK,
            edge={**_off("firewall", "logs", "alarms"), **_GOOGLE_NAMES},
            hits="hit",
            authentication=frozenset(),
            without={
                "jwt": "Cloud CDN lets unsigned requests pass",
                "signed-url": "Cloud CDN lets unsigned requests pass",
            },
            passed_on=_PASSED_ON | {"x-model-version"},
            leaves=frozenset({"set-cookie", "x-kong-upstream-latency"}),
            stale_if_error=False,
        ),
    )
}
