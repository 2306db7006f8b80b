"""A header that changes the answer is refused or honoured past the cache, or never reaches the model."""

from __future__ import annotations

import pytest

from tests.edge_attack.chain import PLAIN, SHARED, Chain, question
from tests.edge_attack.checks import assert_everybodys, assert_fate, assert_own, assert_refused, assert_shared
from tests.edge_attack.edges import Fate
from tests.edge_attack.wire import Headers, joined

CHANGING: list[Headers] = [
    [("Prefer", "return=minimal")],
    [("prefer", "")],
    [("X-Amzn-SageMaker-Target-Model", "m.tar.gz")],
    [("X-Amzn-SageMaker-Target-Variant", "b")],
    [("X-Amzn-SageMaker-Target-Container-Hostname", "b")],
    [("X-Amzn-SageMaker-Inference-Component", "b")],
    [("X-Amzn-SageMaker-Custom-Attributes", "b")],
    [("X-Amzn-SageMaker-Enable-Explanations", "b")],
    [("X-Amzn-SageMaker-Session-Id", "NEW_SESSION")],
    [("x-amzn-sagemaker-anything", "b")],
    [("Accept", "text/csv")],
    [("Accept", "application/x-npy")],
    [("Accept", "text/csv, application/x-npy")],
    [("Accept", "application/json;q=0")],
    [("Accept", "")],
    [("Accept", "text/csv"), ("Accept", "text/html")],
]
HARMLESS: list[Headers] = [
    [("Accept", "*/*")],
    [("Accept", "application/json")],
    [("Accept", "APPLICATION/JSON")],
    [("Accept", "text/html, application/json;q=0.9, */*;q=0.1")],
    [("Accept", "text/csv"), ("Accept", "application/json")],
    [("Accept", "application/*")],
    [("Accept-Encoding", "gzip, br, deflate")],
    [("Accept-Encoding", "identity;q=0, x")],
    [("Accept-Language", "de")],
    [("Accept-Charset", "utf-16")],
    [("Content-Type", "text/csv")],
    [("Content-Type", "application/json; version=2")],
    [("Content-Encoding", "gzip")],
    [("Content-Language", "de")],
    [("Range", "bytes=0-3")],
    [("Range", "bytes=0-3"), ("If-Range", '"x"')],
    [("If-None-Match", '"x"')],
    [("If-Match", '"x"')],
    [("If-Modified-Since", "Sat, 21 Nov 2020 16:00:00 GMT")],
    [("If-Unmodified-Since", "Sat, 21 Nov 2020 16:00:00 GMT")],
    [("Cache-Control", "no-cache")],
    [("Cache-Control", "no-store, max-age=0")],
    [("Cache-Control", "only-if-cached")],
    [("Pragma", "no-cache")],
    [("X-Forwarded-Host", "evil.test")],
    [("X-Forwarded-Proto", "gopher")],
    [("X-Forwarded-Port", "1")],
    [("X-Forwarded-Prefix", "/evil")],
    [("X-Forwarded-Path", "/private/predict")],
    [("X-Forwarded-For", "evil.test")],
    [("Forwarded", "host=evil.test")],
    [("X-Original-URL", "/private/predict")],
    [("X-Rewrite-URL", "/private/predict")],
    [("X-Host", "evil.test")],
    [("X-Real-IP", "6.6.6.6")],
    [("Kong-Debug", "1")],
    [("Xpredictionkey", "a")],
    [("x_amzn_sagemaker_target_model", "b")],
    [("X-Cache-Key", "a")],
    [("User-Agent", "evil")],
    [("Via", "1.1 evil")],
    [("X-Request-ID", "evil")],
    [("Traceparent", "00-00000000000000000000000000000001-0000000000000001-01")],
    [("Expect", "100-continue")],
    [("Upgrade", "h2c"), ("Connection", "upgrade")],
    [("Connection", "accept, host, content-type, x-forwarded-for")],
    [("X-Edge-Location", "evil"), ("X-Amz-Cf-Id", "evil")],
    [("X-Anything", "evil")],
    [("__proto__", "evil"), ("constructor", "evil"), ("toString", "evil"), ("Cookie", "__proto__=evil")],
    [(f"X-Flood-{number}", "1") for number in range(150)],
    [("X-Request-ID", "evil")] * 120,
]
# Only these of a caller may be in a kept answer: they say nothing that a model answers by.
ECHOED = {"traceparent", "x-forwarded-for", "x-request-id"}


def of(headers: Headers) -> str:
    return str(headers)[:60]


@pytest.mark.parametrize("model", [SHARED, PLAIN])
@pytest.mark.parametrize("headers", CHANGING, ids=of)
def test_it_is_refused_or_honoured_and_keeps_nothing(chain: Chain, model: str, headers: Headers) -> None:
    asked, fate = question(), chain.fate(model, headers, Fate.REFUSED)
    for _ in range(2):
        answer = assert_fate(chain, model, asked, headers, Fate.REFUSED)
        if fate is Fate.OWN:
            assert joined(headers).items() <= answer.document["saw"].items()
    assert fate is Fate.OWN or chain.calls(asked) == 0
    kept = assert_shared(chain, model, asked)
    after = chain.get(model, asked, headers=headers)
    if fate is Fate.OWN:
        assert_own(after, asked)
        assert not after.edge_hit and after.call != kept.call
    elif after.edge_hit:  # a name that the edge cannot look for: it takes the answer of those without
        assert chain.kind.passed_on and after.call == kept.call
    else:
        assert_refused(after)


@pytest.mark.parametrize("headers", CHANGING, ids=of)
def test_a_post_may_have_it_and_shares_nothing_with_those_without(chain: Chain, headers: Headers) -> None:
    asked = question()
    plain = chain.post(SHARED, asked)
    assert_own(plain, asked)
    special = chain.post(SHARED, asked, headers=headers)
    if special.status == 200:
        assert_own(special, asked)
        assert special.call != plain.call
    assert chain.post(SHARED, asked).call == plain.call
    assert_shared(chain, SHARED, asked)


@pytest.mark.parametrize("headers", HARMLESS, ids=of)
def test_everything_else_changes_neither_answer_nor_entry(chain: Chain, headers: Headers) -> None:
    asked, fate = question(), chain.fate(PLAIN, headers)
    first = chain.get(PLAIN, asked, headers=headers)
    if fate is Fate.OWN:  # it may be harmless, but the edge cannot tell
        assert_own(first, asked)
        assert not first.edge_hit
    elif first.status == 200:
        assert_everybodys(first, asked)
    else:  # refused, whole: a flood of headers, a protocol that the edge does not speak
        assert_refused(first)
    answers = [chain.get(PLAIN, asked), chain.get(PLAIN, asked), chain.get(PLAIN, asked, headers=headers)]
    for answer in answers[:2]:
        assert_everybodys(answer, asked)
        shown = {name: value for name, value in answer.document["saw"].items() if name not in ECHOED}
        if chain.kind.drops_unknown or fate is not Fate.SHARED:
            assert not any("evil" in value for value in shown.values())
    assert answers[1].edge_hit and answers[1].call == answers[0].call
    assert answers[2].status in (200, 304) or first.status != 200


def test_a_condition_is_about_the_kept_answer_alone(chain: Chain) -> None:
    asked = question(how={"headers": [["ETag", '"of-the-model"']]})
    for tag in ('"other"', '"of-the-model"', "*"):
        fresh = question(how=asked["how"])
        answer = chain.get(SHARED, fresh, headers=[("If-None-Match", tag)])
        assert answer.status in (200, 304)
        assert_shared(chain, SHARED, fresh)
    assert_shared(chain, SHARED, asked)
    assert chain.get(SHARED, asked, headers=[("If-None-Match", '"other"')]).status == 200
    unchanged = chain.get(SHARED, asked, headers=[("If-None-Match", '"of-the-model"')])
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert chain.calls(asked) == 1
