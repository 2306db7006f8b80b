"""How long the edge waits for Kong, and Kong for a model."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from components.edge import limits
from components.wiring import edge_route
from settings.arguments import edge_arguments
from tests.settings.support import edge_stack, model, parsed, pool_stack, pooled_model, problems, stack, timed

ROUTE: Any = SimpleNamespace(path="/digits/predict", version_token="0" * 32)


def test_kong_waits_for_every_attempt_to_connect_and_for_one_answer() -> None:
    slow = parsed(stack(timed(5, 60, retries=2)))
    assert slow.longest_wait_seconds(slow.models[0]) == 3 * 5 + 60
    default = parsed(stack())
    assert default.longest_wait_seconds(default.models[0]) < limits.MAX_READ_TIMEOUT_SECONDS


def test_a_streamed_answer_may_keep_kong_waiting_longest() -> None:
    streamed = model(timeouts={"connectSeconds": 5, "readSeconds": 60, "streamSeconds": 115})
    (problem,) = problems(edge_stack(streamed))
    assert problem == (
        "models[0].timeouts.streamSeconds = 115.0: must be at most 110 behind CloudFront, which waits 120 seconds at "
        "most for Kong: retries + 1 times connectSeconds and streamSeconds are 125"
    )


def test_kong_waits_for_every_answer_where_it_repeats_lost_requests() -> None:
    repeats = {"kong": {"repeatsLostRequests": True}}
    (problem,) = problems({**edge_stack(), **repeats})
    assert problem == (
        "models[0].timeouts.readSeconds = 60: must be at most 55 behind CloudFront, which waits 120 seconds at most "
        "for Kong: retries + 1 times connectSeconds and readSeconds together (kong.repeatsLostRequests) are 130"
    )
    assert problems({**edge_stack(timed(5, 55)), **repeats}) == []
    (problem,) = problems({**edge_stack(timed(5, 20), origin={"readTimeoutSeconds": 40}), **repeats})
    assert "must be at least 50, what Kong may wait for models[0]" in problem
    assert "(retries + 1 times connectSeconds and readSeconds, by kong.repeatsLostRequests)" in problem


@pytest.mark.parametrize(
    "waiting",
    [
        timed(5, 60, retries=2),
        model(timeouts={"readSeconds": 20, "streamSeconds": 70}),
        model(timeouts={"readSeconds": 70, "streamSeconds": 20}),
        model(timeouts={"readSeconds": 70}),
    ],
)
def test_the_edge_waits_as_long_as_kong(waiting: dict[str, Any]) -> None:
    found = parsed(stack(waiting))
    made = edge_route(edge_arguments(found)["models"][0], ROUTE, pooled=False)
    assert made.get("timeout_seconds") == found.longest_wait_seconds(found.models[0])


def test_the_edge_of_a_pool_waits_as_long_as_kong() -> None:
    found = parsed(pool_stack(pooled_model(timeouts={"streamSeconds": 80})))
    made = edge_route(edge_arguments(found)["models"][0], ROUTE, pooled=True)
    assert made.get("timeout_seconds") == found.longest_wait_seconds(found.models[0]) == 2 * 5 + 80


def test_the_edge_waits_for_what_kong_repeats_unless_it_is_told_how_long() -> None:
    def waits(read: float, **origin: Any) -> Any:
        document = edge_stack(timed(5, read), timed(1, 1, name="words"), **({"origin": origin} if origin else {}))
        args: Any = edge_arguments(parsed({**document, "kong": {"repeatsLostRequests": True}}))
        return args["edge"]["cloudfront"]["origin"]["read_timeout_seconds"]

    assert waits(20) == 2 * (5 + 20) + 5
    assert waits(55) == 120  # CloudFront's longest
    assert waits(20, readTimeoutSeconds=60) == 60
    args: Any = edge_arguments(parsed(edge_stack()))
    assert "read_timeout_seconds" not in args["edge"]["cloudfront"]["origin"]  # the component's own default


def test_of_a_pools_many_attempts_two_may_take_their_time() -> None:
    document = pool_stack(pooled_model(timeouts={"connectSeconds": 5, "readSeconds": 111})) | {
        "edge": edge_stack()["edge"]
    }
    (problem,) = problems(document)
    assert problem == (
        "models[0].timeouts.readSeconds = 111.0: must be at most 110 behind CloudFront, which waits 120 seconds at "
        "most for Kong: 2 times connectSeconds and readSeconds are 121"
    )
