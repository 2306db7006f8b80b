"""What the stack config accepts, the components of Google's edges accept too."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.edge import limits
from components.gateway import KongCachedRoute
from components.wiring import edge_route
from settings import Settings
from settings.arguments import edge_arguments
from settings.edge_providers import PRODUCTS
from tests.settings.support import (
    ED25519,
    SECRET_VERSION,
    google_stack,
    parsed,
    problems,
    quick_shared_model,
    signed,
)
from tests.settings.test_google_values import CERTIFICATE_ID, GOOGLE_ACCEPTED, google_at

with warnings.catch_warnings():  # of the SDK's own modules, when they are imported
    warnings.simplefilter("ignore", DeprecationWarning)
    from components.edge.cloud_cdn import checks as cloud_cdn
    from components.edge.media_cdn import checks as media_cdn

CHECKS: dict[str, Callable[[str, Any], None]] = {
    "media-cdn": media_cdn.check_arguments,
    "cloud-cdn": cloud_cdn.check_arguments,
}


def _made_with(found: Settings) -> dict[str, Any]:
    """The arguments of the edge's component, as InferenceEdge gives them to it."""
    args = edge_arguments(found)
    edge: dict[str, Any] = {**args.get("edge", {})}
    pooled = args.get("pooled") or {}
    routes = [edge_route(model, _route(model), pooled=model["model"] in pooled) for model in args["models"]]
    return {**edge[PRODUCTS[found.edge.provider].argument], "routes": routes, "origin_secret": "for-this-test-only"}


def _route(model: Any) -> KongCachedRoute:
    return cast(KongCachedRoute, SimpleNamespace(path=model["path"], version_token="0" * 32))


def _certificates(count: int) -> dict[str, Any]:
    return {"dnsZone": None, "certificateIds": [f"{CERTIFICATE_ID}-{number}" for number in range(count)]}


def _keys(count: int, *versions: str) -> dict[str, Any]:
    public = [f"{number}{ED25519[1:]}" for number in range(count)]
    return {"authentication": {"mode": "signed-url", "publicKeys": public, "sharedKeySecretVersions": [*versions]}}


def _cors(count: int) -> dict[str, Any]:
    return {"mode": "open", "cors": {"origins": [f"https://{number}.example.com" for number in range(count)]}}


HEADERS = ("x-tenant", "x-a", "x-b", "x-c", "prefer", "x-http-method", "x-amz-date", "user-agent", "origin", "range")
EDGES = st.sampled_from(
    [
        *({"aliases": [f"a{number}.example.com" for number in range(count)]} for count in (0, 1, 100, 101)),
        *(_certificates(count) for count in (0, 1, 5, 6, 15, 16)),
        *(_keys(count) for count in (0, 1, 3, 4)),
        {"authentication": signed(ED25519, f"{ED25519}=")},
        _keys(1, SECRET_VERSION),
        _keys(0, SECRET_VERSION),
        *({"firewall": {"rateLimitPer5Minutes": requests}} for requests in (0, 1, 1_000_000, 1_000_001)),
        *({"logs": {"sampleRate": share}} for share in (0, 0.5, 1, 1.5)),
        *({"origin": {"readTimeoutSeconds": seconds}} for seconds in (11, 12, 15, 16, 86_400, 86_401)),
        *({"origin": {"port": port}} for port in (0, 1, 80, 65_535, 65_536)),
    ]
)
MODELS = st.one_of(
    st.lists(st.sampled_from(HEADERS), unique=True, max_size=6).map(
        lambda names: {"cache": {"shareable": True, "keyHeaders": names}}
    ),
    st.sampled_from([{"access": _cors(count)} for count in (1, 2, 100)]),
    st.sampled_from([{"access": {"mode": mode}} for mode in ("key-auth", "open", "upstream-credential")]),
    st.integers(1, 20).map(lambda count: {"route": {"path": "/" + "/".join(["p" * 20] * count)}}),
    st.sampled_from([{"timeouts": {"connectSeconds": 1, "readSeconds": read}} for read in (13, 13.5, 86_399)]),
    st.sampled_from([{"cache": {"shareable": True, "enabled": False}}, {"cache": {"shareable": False}}]),
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A valid document with a few changes, each of which may go too far."""
    edge, model = {}, {}
    for change in draw(st.lists(EDGES, max_size=2)):
        edge |= change
    for change in draw(st.lists(MODELS, max_size=2)):
        model |= change
    others = draw(st.sampled_from([0, 0, 0, 16, 17, 18, 38, 39, 40]))
    models = [quick_shared_model(**model), *(quick_shared_model(name=f"m{number}") for number in range(others))]
    return google_stack(draw(st.sampled_from(sorted(CHECKS))), *models, **edge)


@settings(max_examples=300, deadline=None)
@given(documents())
def test_what_is_accepted_here_is_accepted_by_the_component(document: dict[str, Any]) -> None:
    if not problems(document):
        found = parsed(document)
        CHECKS[found.edge.provider]("edge", _made_with(found))


@pytest.mark.parametrize(("provider", "path", "value"), GOOGLE_ACCEPTED)
def test_every_accepted_value_is_accepted_by_the_component(provider: str, path: str, value: Any) -> None:
    CHECKS[provider]("edge", _made_with(parsed(google_at(provider, path, value))))


@pytest.mark.parametrize(
    "authentication",
    [{"publicKeys": [ED25519]}, {"sharedKeySecretVersions": [SECRET_VERSION], "publicKeys": [f"{ED25519}="]}],
)
def test_keys_reach_media_cdn(authentication: dict[str, Any]) -> None:
    document = google_stack("media-cdn", quick_shared_model(), authentication={"mode": "signed-url", **authentication})
    args = _made_with(parsed(document))
    CHECKS["media-cdn"]("edge", args)
    assert args["authentication"]["public_keys"] == authentication["publicKeys"]
    assert args["authentication"].get("shared_keys", []) == authentication.get("sharedKeySecretVersions", [])


def test_the_limits_are_those_of_the_components() -> None:
    assert PRODUCTS["media-cdn"].longest_wait_seconds == media_cdn.MEDIA_CDN.max_timeout_seconds
    assert PRODUCTS["cloud-cdn"].longest_wait_seconds == cloud_cdn.CLOUD_CDN.max_timeout_seconds
    assert media_cdn.MEDIA_CDN.max_key_headers == limits.MEDIA_CDN_MAX_KEY_HEADERS
    assert cloud_cdn.CLOUD_CDN.max_key_headers == limits.CLOUD_CDN_MAX_KEY_HEADERS
