"""Answers of the model that are not everybody's, not whole or no success are never kept as if they were."""

from __future__ import annotations

import contextlib
import http.client
from typing import Any

import pytest

from tests.edge_attack.chain import PRIVATE, SHARED, Chain, question, until
from tests.edge_attack.checks import assert_everybodys, assert_own, assert_shared
from tests.edge_attack.wire import Answer

PUBLIC = [["Cache-Control", "public, max-age=600, s-maxage=600"]]
NOT_KEPT: dict[str, dict[str, Any]] = {
    "a cookie": {"headers": [["Set-Cookie", "session=alice"]]},
    "a public cookie": {"headers": [["Set-Cookie", "session=alice"], *PUBLIC]},
    "private": {"headers": [["Cache-Control", "private"]]},
    "no-store": {"headers": [["Cache-Control", "no-store"]]},
    "no-store and public": {"headers": [["Cache-Control", "no-store"], *PUBLIC]},
    "no lifetime": {"headers": [["Cache-Control", "max-age=0"]]},
    "over": {"headers": [["Expires", "0"]]},
    "no-cache of old": {"headers": [["Pragma", "no-cache"]]},
    "old": {"headers": [["Age", "10000"], *PUBLIC]},
    "varies": {"headers": [["Vary", "X-Anything"]]},
    "varies on all": {"headers": [["Vary", "*"], *PUBLIC]},
    "encoded": {"headers": [["Content-Encoding", "x-identity"], *PUBLIC]},
    "text": {"type": "text/plain", "headers": PUBLIC},
    "no type": {"type": "", "headers": PUBLIC},
    "chunked": {"chunked": True, "headers": PUBLIC},
    "no length": {"unframed": True, "headers": PUBLIC},
    "huge": {"filler": 2_000_000, "headers": PUBLIC},
    "302": {"status": 302, "headers": [["Location", "https://evil.test/"], *PUBLIC]},
    "301": {"status": 301, "headers": [["Location", "/"], *PUBLIC]},
    "201": {"status": 201, "headers": PUBLIC},
    "203": {"status": 203, "headers": PUBLIC},
    "206": {"status": 206, "headers": [["Content-Range", "bytes 0-1/2"], *PUBLIC]},
    "304": {"status": 304, "headers": PUBLIC},
    "400": {"status": 400, "headers": PUBLIC},
    "404": {"status": 404, "headers": PUBLIC},
    "405": {"status": 405, "headers": PUBLIC},
    "429": {"status": 429, "headers": PUBLIC},
}
FAILURES: dict[str, dict[str, Any]] = {
    **{str(status): {"status": status, "headers": PUBLIC} for status in (500, 501, 502, 503, 504)},
    "cut off": {"truncated": True, "headers": PUBLIC},
}


@pytest.mark.parametrize("name", NOT_KEPT)
def test_what_may_not_be_kept_is_asked_again(chain: Chain, name: str) -> None:
    asked = question(how=NOT_KEPT[name])
    answers = [chain.get(SHARED, asked) for _ in range(3)]
    assert not any(answer.edge_hit for answer in answers)
    assert {answer.status for answer in answers} == {NOT_KEPT[name].get("status", 200)}
    predictions = [answer for answer in answers if answer.is_prediction]
    assert len({answer.call for answer in predictions}) == len(predictions)
    assert chain.calls(asked) == 3
    for answer in answers:
        assert "set-cookie" not in answer.headers or "set-cookie" in chain.kind.leaves
        assert answer.headers["cache-control"] == "private, no-store"
    assert_shared(chain, SHARED, question())


@pytest.mark.parametrize("name", [*NOT_KEPT, *FAILURES])
def test_neither_is_an_answer_to_a_consumer(chain: Chain, name: str) -> None:
    asked = question(how={**NOT_KEPT, **FAILURES}[name])
    for _ in range(2):
        with contextlib.suppress(http.client.IncompleteRead):  # cut off on the way to the consumer, too
            assert not chain.post(PRIVATE, asked, headers=[("apikey", chain.key("web"))]).edge_hit
    assert chain.calls(asked) == 2


def test_a_failure_is_kept_no_longer_than_a_moment_and_for_nobody_else(chain: Chain) -> None:
    failing = [question(how=how) for how in FAILURES.values()]
    for asked in failing:
        answers = [chain.get(SHARED, asked), chain.get(SHARED, asked, headers=[("x-tenant", "b")])]
        assert not any(answer.edge_hit or answer.status < 500 for answer in answers)
        assert_shared(chain, SHARED, question())
    before = [chain.calls(asked) for asked in failing]

    def all_asked_again() -> bool:
        assert all(chain.get(SHARED, asked).status >= 500 for asked in failing)
        return all(chain.calls(asked) > count for asked, count in zip(failing, before, strict=True))

    until(all_asked_again, "the model is asked again")


def test_the_models_own_headers_give_no_longer_life(chain: Chain) -> None:
    """Directives for other caches, tags and lifetimes that the gateway did not grant."""
    asked = question(
        how={
            "headers": [
                ["Cache-Control", "max-age=31536000, s-maxage=31536000, immutable, stale-if-error=9999"],
                ["CDN-Cache-Control", "max-age=31536000"],
                ["Surrogate-Control", "max-age=31536000"],
                ["Cache-Tag", "evil"],
                ["X-Cache", "Hit from evil"],
                ["X-Cache-Status", "Hit"],
                ["Cache-Status", "evil; hit"],
                ["Access-Control-Allow-Origin", "https://evil.test"],
            ]
        }
    )
    for hit in (False, True):
        answer = chain.get(SHARED, asked)
        assert_everybodys(answer, asked)
        assert answer.edge_hit == hit
        assert answer.headers["cache-control"] == "private, no-store"
        assert not {"cdn-cache-control", "surrogate-control", "access-control-allow-origin"} & set(answer.headers)
        assert answer.headers["cache-status"].startswith("inference-edge; fwd=miss; stored")
    direct = chain.send(
        "GET",
        chain.target(SHARED, asked),
        at=chain.gateway,
        headers=[
            ("X-Origin-Verify", chain.origin_secrets()[0]),
            ("X-Model-Version", chain.token(SHARED)),
            ("Accept", "application/json"),
        ],
    )
    lifetime = int(direct.headers["cache-control"].partition("s-maxage=")[2].partition(",")[0])
    assert 0 < lifetime <= 600


def test_a_connection_header_of_the_model_hides_nothing(chain: Chain) -> None:
    hidden = "close, cache-control, cache-tag, content-length, content-type"
    asked = question(how={"headers": [["Connection", hidden]]})
    answer = assert_shared(chain, SHARED, asked)
    assert answer.headers["content-type"] == "application/json"
    forbidden = question(how={"headers": [["Connection", hidden], ["Cache-Control", "no-store"]]})
    answers = [chain.get(SHARED, forbidden) for _ in range(2)]
    assert not any(answer.edge_hit for answer in answers)


def test_a_large_answer_within_the_limit_is_whole(chain: Chain) -> None:
    asked = question(how={"filler": 900_000})
    first = assert_shared(chain, SHARED, asked)
    kept: Answer = chain.get(SHARED, asked)
    assert kept.body == first.body and len(kept.document["filler"]) == 900_000
    key = [("apikey", chain.key("web"))]
    assert_own(chain.post(PRIVATE, asked, headers=key), asked)
