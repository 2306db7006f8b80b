"""Models whose answers the edge shares among callers."""

from __future__ import annotations

from typing import Any

import pytest

from components.edge import limits
from tests.settings.support import edge_stack, model, problems, shared_model, stack


def shared(**cache: Any) -> dict[str, Any]:
    return shared_model(cache={"shareable": True, **cache})


def many(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [shared_model(name=f"m{index}", **changes) for index in range(count)]


def with_headers(name: str, first: int, last: int) -> dict[str, Any]:
    headers = [f"x-{number}" for number in range(first, last)]
    return shared_model(name=name, cache={"shareable": True, "keyHeaders": headers})


def with_cors(index: int) -> dict[str, Any]:
    cors = {"origins": [f"https://{index}.example.com"]}
    return shared_model(name=f"m{index}", access={"mode": "open", "cors": cors})


ROOM = 8_192 - 8_000 - len("https://d111111abcdef8.cloudfront.net?input=")

BAD: list[tuple[dict[str, Any], str]] = [
    (
        stack(shared()),
        "models[0].cache.shareable = true: only with edge.provider cloudfront, media-cdn or cloud-cdn: "
        "there is no edge to share an answer",
    ),
    (
        edge_stack(shared(enabled=False)),
        "models[0].cache.shareable = true: must be false with the cache off: there is no answer to share",
    ),
    (
        edge_stack(shared(getTwin=False)),
        "models[0].cache.shareable = true: only with cache.getTwin: no edge stores the answer to a POST",
    ),
    (
        edge_stack(shared_model(access={"mode": "key-auth"})),
        "models[0].cache.shareable = true: needs edge.authentication (signed-url or jwt) with access.mode key-auth: "
        "the edge would give the answers to callers without a key",
    ),
    (
        edge_stack(shared_model(access={"mode": "upstream-credential", "credentialHeaders": ["x-user"]})),
        "models[0].cache.shareable = true: must be false with access.mode upstream-credential: "
        "the model checks each caller, and the edge would give its answers to callers that it has never seen",
    ),
    (
        stack(model(cache={"staleWhileRevalidateSeconds": 60})),
        "models[0].cache.staleWhileRevalidateSeconds = 60: "
        "must be 0 without cache.shareable or cache.store memory or redis: nobody else serves stale answers",
    ),
    (
        edge_stack(model(cache={"staleIfErrorSeconds": 60})),
        "models[0].cache.staleIfErrorSeconds = 60: "
        "must be 0 without cache.shareable or cache.store memory or redis: nobody else serves stale answers",
    ),
    (
        edge_stack(shared(staleIfErrorSeconds=86_401)),
        "models[0].cache.staleIfErrorSeconds = 86401: must be a whole number from 0 to 86400 (seconds)",
    ),
    (
        edge_stack(shared(ttlSeconds=31_536_001)),
        "models[0].cache.ttlSeconds = 31536001: must be a whole number from 1 to 31536000 (seconds)",
    ),
    (
        edge_stack(shared(keyHeaders=["x-tenant", "range"])),
        'models[0].cache.keyHeaders[1] = "range": '
        "range is not allowed here with cache.shareable: the edge cannot have it in its key",
    ),
    (
        edge_stack(shared_model(route={"path": "/" + "p" * 99 + "/" + "q" * (ROOM - 100)})),
        f'models[0].route.path = "/{"p" * 59}...": must have at most {ROOM} characters with cache.shareable: '
        "with an input of 6000 bytes the URL would be longer than the 8192 bytes that CloudFront takes",
    ),
    (
        edge_stack(*many(75)),
        "models[74].cache.shareable = true: must be false: 74 models are shareable already, "
        "and a distribution has 75 cache behaviors, one of them for all others",
    ),
    (
        edge_stack(with_headers("first", 0, 5), with_headers("second", 4, 10)),
        "models[1].cache.keyHeaders = a list: must have no more than 9 names in all shareable models together "
        "(10 up to here): a cache policy has 10 headers, one of them the model's version",
    ),
    (
        edge_stack(*(with_cors(index) for index in range(20))),
        "models[19].access.cors = a mapping: must be one of the 19 different cors of the shareable models before it: "
        "an AWS account has 20 response headers policies",
    ),
]


@pytest.mark.parametrize(("document", "problem"), BAD, ids=[problem.partition(":")[2][:60] for _, problem in BAD])
def test_refuses_with_these_words(document: dict[str, Any], problem: str) -> None:
    assert problems(document) == [problem]


@pytest.mark.parametrize(
    "document",
    [
        edge_stack(shared(staleWhileRevalidateSeconds=60, staleIfErrorSeconds=86_400, ttlSeconds=31_536_000)),
        edge_stack(shared_model(route={"path": "/" + "p" * 99 + "/" + "q" * (ROOM - 101)})),
        edge_stack(*many(74)),
        edge_stack(with_headers("first", 0, 5), with_headers("second", 4, 9)),
        edge_stack(with_headers("first", 0, 9), model(name="private", cache={"keyHeaders": ["x-other"]})),
        edge_stack(*(with_cors(index) for index in range(19))),
        edge_stack(model(cache={"keyHeaders": ["range"]})),
        stack(model(cache={"getTwin": False})),
        stack(model(cache={"enabled": False})),
    ],
)
def test_accepts_what_goes_together(document: dict[str, Any]) -> None:
    assert problems(document) == []


@pytest.mark.parametrize("name", limits.NO_KEY_HEADERS)
def test_no_header_that_the_edge_touches_is_in_its_key(name: str) -> None:
    (problem,) = problems(edge_stack(shared(keyHeaders=[name])))
    assert f"{name} is not allowed here" in problem


def test_the_longest_alias_counts_in_the_length_of_a_url() -> None:
    long = "a" * 60 + ".example.com"
    document = edge_stack(
        shared_model(route={"path": "/" + "p" * 99}),
        aliases=["b.example.com", long],
        hostedZoneId="Z0123456789ABCDEFGHIJ",
    )
    assert problems(document) == []
    document["models"][0]["route"]["path"] += "/" + "p" * 12
    (problem,) = problems(document)
    assert f"must have at most {8_192 - 8_000 - len('https://?input=') - len(long)} characters" in problem
