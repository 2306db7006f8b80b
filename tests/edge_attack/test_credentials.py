"""A credential is never shared: neither the answer it gets nor the fact that somebody had one."""

from __future__ import annotations

import pytest

from tests.edge_attack.chain import CONSUMERS, CREDENTIAL, PLAIN, PRIVATE, SHARED, Chain, question
from tests.edge_attack.checks import assert_everybodys, assert_fate, assert_own, assert_refused, assert_shared
from tests.edge_attack.edges import Fate
from tests.edge_attack.wire import Headers

OF_A_CALLER: list[Headers] = [
    [("Authorization", "Bearer of-alice")],
    [("authorization", "Basic YTpi"), ("Authorization", "Bearer of-alice")],
    [("Proxy-Authorization", "Bearer of-alice")],
    [("Cookie", "session=of-alice")],
    [("Cookie", "a=1; b=2"), ("cookie", "c=3")],
    [("apikey", "of-alice")],
    [("x-api-key", "of-alice")],
    [("X-Amz-Security-Token", "of-alice")],
    [("X-Credential", "of-alice")],
    [("X-Consumer-Username", "of-alice")],
    [("X-Forwarded-User", "of-alice")],
    [("Origin", "https://of-alice.test")],
    [("Referer", "https://of-alice.test")],
]
# Names that mean nothing to a model that has not said so (key headers): an edge that cannot drop them passes them on.
NO_CREDENTIALS = ("X-Credential", "X-Consumer-Username", "X-Forwarded-User", "Referer")


@pytest.mark.parametrize("model", [SHARED, PLAIN])
@pytest.mark.parametrize("headers", OF_A_CALLER, ids=str)
def test_a_shared_answer_is_made_without_any(chain: Chain, model: str, headers: Headers) -> None:
    asked = question()
    bobs = [(name, value.replace("alice", "bob")) for name, value in headers]
    if chain.fate(model, headers) is Fate.OWN:
        for theirs, others in ((headers, "of-bob"), (bobs, "of-alice")) * 2:
            answer = assert_fate(chain, model, asked, theirs)
            assert others not in answer.body.decode() or headers[0][0] == "Origin"  # not in the gateway's key either
        assert "of-" not in assert_shared(chain, model, asked).body.decode()
        return
    first = chain.get(model, asked, headers=headers)
    assert_everybodys(first, asked)
    assert "of-alice" not in first.body.decode() or headers[0][0] in NO_CREDENTIALS and not chain.kind.drops_unknown
    other = chain.get(model, asked, headers=bobs)
    assert other.edge_hit and other.call == first.call
    assert_shared(chain, model, asked)
    assert chain.calls(asked) == 1


@pytest.mark.parametrize("headers", OF_A_CALLER, ids=str)
def test_a_private_model_is_for_its_consumers_alone(chain: Chain, headers: Headers) -> None:
    asked = question()
    headers = [pair for pair in headers if pair[0] != "apikey"]
    for hit in (False, True):
        for consumer in CONSUMERS:
            answer = chain.post(PRIVATE, asked, headers=[("apikey", chain.key(consumer))])
            assert_own(answer, asked)
            assert answer.document["saw"]["x-consumer-username"].endswith(f"-{consumer}")
            assert ("; hit" in answer.headers["cache-status"], answer.edge_hit) == (hit, False)
    for consumer in CONSUMERS:
        for name in ("alice", "bob"):
            theirs = [(header, value.replace("alice", name)) for header, value in headers]
            answer = chain.post(PRIVATE, asked, headers=[("apikey", chain.key(consumer)), *theirs])
            assert_own(answer, asked)
            assert answer.document["saw"]["x-consumer-username"].endswith(f"-{consumer}")
            assert f"of-{'bob' if name == 'alice' else 'alice'}" not in answer.body.decode()
        assert_refused(chain.post(PRIVATE, asked, headers=headers))


def test_no_way_of_asking_gets_a_private_answer_without_the_key(chain: Chain) -> None:
    asked, key = question(), chain.key("web")
    for _ in range(2):
        assert_own(chain.post(PRIVATE, asked, headers=[("apikey", key)]), asked)
    calls = chain.calls(asked)
    attempts = [
        chain.post(PRIVATE, asked),
        chain.post(PRIVATE, asked, headers=[("apikey", "")]),
        chain.post(PRIVATE, asked, headers=[("apikey", key[:-1])]),
        chain.post(PRIVATE, asked, headers=[("apikey", key.swapcase())]),
        chain.post(PRIVATE, asked, headers=[("apikey", key), ("apikey", "x")]),
        chain.post(PRIVATE, asked, headers=[("Authorization", key)]),
        chain.post(PRIVATE, asked, headers=[("Cookie", f"apikey={key}")]),
        chain.get(PRIVATE, asked),
        chain.get(PRIVATE, asked, headers=[("apikey", key)]),
        chain.get(PRIVATE, asked, headers=[("X-Model-Version", chain.token(SHARED))]),
        chain.send("HEAD", chain.target(PRIVATE, asked), headers=[("apikey", key)]),
    ]
    for answer in attempts:
        assert_refused(answer)
    assert chain.calls(asked) == calls


def test_a_private_answer_is_never_kept_at_the_edge(chain: Chain) -> None:
    """Also when the model itself says that everybody may keep it."""
    public = [["Cache-Control", "public, max-age=600, s-maxage=600"], ["Cache-Tag", "x"], ["ETag", '"1"']]
    asked = question(how={"headers": public})
    for _ in range(3):
        answer = chain.post(PRIVATE, asked, headers=[("apikey", chain.key("web"))])
        assert_own(answer, asked)
        assert not answer.edge_hit and "public" not in answer.headers["cache-control"]
        assert_refused(chain.post(PRIVATE, asked))
        assert_refused(chain.get(PRIVATE, asked))


def test_the_model_that_checks_its_callers_gives_each_their_own(chain: Chain) -> None:
    asked = question()
    for hit in (False, True):
        for caller in ("alice", "bob", None):
            headers = [("x-credential", caller)] if caller else []
            answer = chain.post(CREDENTIAL, asked, headers=headers)
            assert_own(answer, asked, x_credential=caller)
            assert not answer.edge_hit
            assert caller is None or ("; hit" in answer.headers["cache-status"]) == hit
    assert_refused(chain.get(CREDENTIAL, asked, headers=[("x-credential", "alice")]))
