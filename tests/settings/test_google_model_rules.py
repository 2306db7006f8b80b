"""Models that do not go with an edge of Google in front of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from components.edge import limits
from components.edge.arguments import EdgeRouteArgs
from components.edge.google.rule_counts import predicate_count, route_rule_count
from tests.settings.support import (
    SECRET_VERSION,
    cloud_cdn,
    google_stack,
    media_cdn,
    model,
    parsed,
    problems,
    quick_model,
    quick_shared_model,
    sagemaker_model,
    timed,
)


def shared(**cache: Any) -> dict[str, Any]:
    return quick_shared_model(cache={"shareable": True, **cache})


def many(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [quick_shared_model(name=f"m{number}", **changes) for number in range(count)]


BAD: list[tuple[dict[str, Any], list[str]]] = [
    # Shared answers
    (media_cdn(quick_shared_model(access={"mode": "key-auth"})), [
        "models[0].cache.shareable = true: needs edge.authentication (signed-url) with access.mode key-auth: "
        "the edge would give the answers to callers without a key",
    ]),
    (cloud_cdn(quick_shared_model(access={"mode": "key-auth"})), [
        "models[0].cache.shareable = true: must be false with access.mode key-auth behind Cloud CDN, "
        "which lets nobody in one by one: the edge would give the answers to callers without a key; "
        "use edge.provider media-cdn or cloudfront, or access.mode open",
    ]),
    # Time-outs
    (media_cdn(model()), [
        "models[0].timeouts.readSeconds = 60: must be at most 5 behind Media CDN, "
        "which waits 15 seconds at most for Kong: retries + 1 times connectSeconds and readSeconds are 70",
    ]),
    (media_cdn(timed(5, 1, retries=3)), [
        "models[0].timeouts.connectSeconds = 5.0: must be less: retries + 1 times connectSeconds alone "
        "use up the 15 seconds that Media CDN waits at most for Kong",
    ]),
    (media_cdn(timed(1, 10, retries=5), origin={"readTimeoutSeconds": 15}), [
        "models[0].timeouts.readSeconds = 10.0: must be at most 9 behind Media CDN, "
        "which waits 15 seconds at most for Kong: retries + 1 times connectSeconds and readSeconds are 16",
    ]),
    (cloud_cdn(model(), origin={"readTimeoutSeconds": 60}), [
        "edge.origin.readTimeoutSeconds = 60: must be at least 70, what Kong may wait for models[0] "
        "(retries + 1 times connectSeconds, and readSeconds): "
        "Cloud CDN would answer 504 to a prediction that is still on its way",
    ]),
    (media_cdn(origin={"readTimeoutSeconds": 30}), [
        "edge.origin.readTimeoutSeconds = 30: must be a whole number from 1 to 15 (seconds, Media CDN's)",
    ]),
    (media_cdn(sagemaker_model(timeouts={"connectSeconds": 1, "readSeconds": 10})), [
        "models[0].timeouts.readSeconds = 10.0: must be at least sagemaker.timeoutSeconds (29): "
        "Kong would give up while the model still works, and its answer would be lost",
    ]),
    # Requests and answers
    (media_cdn(quick_model(access={"maxRequestBytes": 16_385})), [
        "models[0].access.maxRequestBytes = 16385: "
        "must be at most 16384 behind Media CDN, which answers a larger request body with 413",
    ]),
    (media_cdn(quick_model(cache={"maxBodyBytes": 65_536})), [
        "models[0].cache.maxBodyBytes = 65536: "
        "must be at most 16384 behind Media CDN, which answers a larger request body with 413",
    ]),
    (media_cdn(quick_model(access={"maxRequestBytes": 10_000})), [
        "models[0].access.maxRequestBytes = 10000: must be at least cache.maxBodyBytes (16384)",
    ]),
    (cloud_cdn(shared(keyHeaders=["user-agent"])), [
        'models[0].cache.keyHeaders[0] = "user-agent": '
        "user-agent is not allowed here with cache.shareable: Cloud CDN keeps no key by it",
    ]),
    (media_cdn(shared(keyHeaders=["x-tenant", "x-goog-user-project"])), [
        'models[0].cache.keyHeaders[1] = "x-goog-user-project": '
        "x-goog-user-project is not allowed here with cache.shareable: Media CDN keeps no key by it",
    ]),
    (media_cdn(shared(keyHeaders=[f"x-{number}" for number in range(5)])), [
        "models[0].cache.keyHeaders = a list: "
        "must have no more than 4 names with cache.shareable: Media CDN has no more in a key",
    ]),
    (cloud_cdn(shared(keyHeaders=[f"x-{number}" for number in range(10)])), [
        "models[0].cache.keyHeaders = a list: "
        "must have no more than 9 names with cache.shareable: Cloud CDN has no more in a key",
    ]),
    (cloud_cdn(shared(staleIfErrorSeconds=60)), [
        "models[0].cache.staleIfErrorSeconds = 60: "
        "must be 0 behind Cloud CDN, which serves no stale answer for an error",
    ]),
    (cloud_cdn(quick_model(route={"path": "/" + "/".join(["b" * 99] * 3)})), [
        f'models[0].route.path = "/{"b" * 59}...": '
        "must have at most 255 characters with an edge: every edge takes that many",
    ]),
    (cloud_cdn(quick_shared_model(route={"path": "/" + "/".join(["b" * 99] * 2)})), [
        f'models[0].route.path = "/{"b" * 59}...": must have at most 158 characters with cache.shareable: '
        "with an input of 6000 bytes the URL would be longer than the 8192 bytes that Kong takes",
    ]),
    (media_cdn(quick_model(access={"mode": "upstream-credential", "credentialHeaders": ["x-origin-verify"]})), [
        'models[0].access.credentialHeaders[0] = "x-origin-verify": x-origin-verify is not allowed here '
        "with an edge, which does not pass it on: the model would refuse everyone",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "found"), BAD, ids=[found[0].partition(":")[0][:60] for _, found in BAD])
def test_refuses_with_these_words(document: dict[str, Any], found: list[str]) -> None:
    assert problems(document) == found


@pytest.mark.parametrize(
    "document",
    [
        cloud_cdn(model()),
        cloud_cdn(timed(5, 3_600)),
        media_cdn(timed(1, 13)),
        media_cdn(timed(5, 5)),
        media_cdn(
            quick_shared_model(access={"mode": "key-auth"}),
            authentication={"mode": "signed-url", "sharedKeySecretVersions": [SECRET_VERSION]},
        ),
        cloud_cdn(shared(staleWhileRevalidateSeconds=60)),
        media_cdn(shared(keyHeaders=[f"x-{number}" for number in range(4)])),
        media_cdn(quick_model(cache={"keyHeaders": ["user-agent", *(f"x-{number}" for number in range(9))]})),
        cloud_cdn(quick_model(access={"mode": "upstream-credential"})),
        media_cdn(quick_shared_model(access={"mode": "open", "cors": {"origins": ["https://a.example.com"]}})),
        media_cdn(quick_model(cache={"enabled": False, "maxBodyBytes": 65_536})),
        cloud_cdn(quick_model(cache={"maxBodyBytes": 65_536})),
    ],
)
def test_accepts_what_goes_together(document: dict[str, Any]) -> None:
    assert problems(document) == []


@pytest.mark.parametrize(
    ("provider", "needed", "most", "takes"),
    [
        ("media-cdn", route_rule_count, limits.MEDIA_CDN_ROUTE_RULES, "Media CDN takes 200 route rules"),
        ("cloud-cdn", predicate_count, limits.CLOUD_CDN_PREDICATES, "a URL map takes 1000 conditions"),
    ],
)
def test_the_first_model_that_is_too_many_is_told(
    provider: str, needed: Callable[[EdgeRouteArgs], int], most: int, takes: str
) -> None:
    each = needed({"model": "digits", "path": "/digits/predict", "shareable": True})
    fitting = most // each
    assert problems(google_stack(provider, *many(fitting))) == []
    assert problems(google_stack(provider, *many(fitting + 2))) == [
        f"models[{fitting}] = a mapping: must be behind another edge: "
        f"{takes}, and the models up to this one need {each * (fitting + 1)}"
    ]


@pytest.mark.parametrize("name", [*limits.GOOGLE_NO_KEY_HEADERS, *limits.GOOGLE_NO_KEY_HEADER_PREFIXES])
@pytest.mark.parametrize("provider", ["media-cdn", "cloud-cdn"])
def test_no_header_that_google_keeps_no_key_by_is_in_its_key(provider: str, name: str) -> None:
    name += "any" if name.endswith("-") else ""
    (problem,) = problems(google_stack(provider, shared(keyHeaders=[name])))
    assert f"{name} is not allowed here" in problem


def test_behind_media_cdn_kong_takes_no_more_than_media_cdn_passes_on() -> None:
    (digits,) = parsed(media_cdn()).models
    assert (digits.access.max_request_bytes, digits.cache.max_body_bytes) == (16_384, 16_384)
    (digits,) = parsed(media_cdn(quick_model(cache={"maxBodyBytes": 1_000}))).models
    assert (digits.access.max_request_bytes, digits.cache.max_body_bytes) == (16_384, 1_000)
    (digits,) = parsed(cloud_cdn()).models
    assert (digits.access.max_request_bytes, digits.cache.max_body_bytes) == (6_291_456, 65_536)
