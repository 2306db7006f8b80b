"""Bearer tokens at the edge: without a good one there is no shared answer, kept or not."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from local.engine.values import Secret
from tests.edge_attack.chain import PRIVATE, SHARED, Chain, question
from tests.edge_attack.checks import assert_everybodys, assert_own, assert_refused
from tests.edge_attack.conftest import RunChain
from tests.edge_attack.edges import with_mode
from tests.edge_attack.signers import AUDIENCE, ISSUER, JWT_SECRETS, jwt, part
from tests.edge_attack.wire import Answer, Headers

pytestmark = with_mode("jwt")


@pytest.fixture(scope="module")
def guarded(run_chain: RunChain) -> Iterator[Chain]:
    """A chain whose shareable model is for the holders of tokens, and for consumers by POST."""
    secrets = [Secret(secret) for secret in JWT_SECRETS]
    authentication = {"mode": "jwt", "secrets": secrets, "issuer": ISSUER, "audience": AUDIENCE}
    with run_chain(edge={"authentication": authentication}, shared={"access": {"mode": "key-auth"}}) as running:
        yield running


def bearer(token: str) -> Headers:
    return [("Authorization", f"Bearer {token}")]


def forged() -> dict[str, Headers]:
    now = int(time.time())
    good = jwt()
    head, claims, signature = good.split(".")
    flipped = signature[:-2] + ("A" if signature[-2] != "A" else "B") + signature[-1]
    return {
        "none": [],
        "empty": [("Authorization", "")],
        "no token": [("Authorization", "Bearer")],
        "no words": [("Authorization", good)],
        "basic": [("Authorization", f"Basic {good}")],
        "expired": bearer(jwt(exp=now - 1)),
        "expired long ago": bearer(jwt(exp=1)),
        "never expires": bearer(jwt(without=["exp"])),
        "expires in words": bearer(jwt(exp="9999999999")),
        "expires at nothing": bearer(jwt(exp=None)),
        "not yet": bearer(jwt(nbf=now + 3600)),
        "a foreign secret": bearer(jwt(secret="a-secret-that-somebody-else-has-0123456789")),
        "an empty secret": bearer(jwt(secret="")),
        "another issuer": bearer(jwt(iss="https://evil.test")),
        "no issuer": bearer(jwt(without=["iss"])),
        "another audience": bearer(jwt(aud="other")),
        "other audiences": bearer(jwt(aud=["other", "others"])),
        "no audience": bearer(jwt(without=["aud"])),
        "unsigned": bearer(f"{part({'alg': 'none'})}.{claims}."),
        "unsigned, with a signature": bearer(jwt(head={"alg": "none"})),
        "another algorithm": bearer(jwt(head={"alg": "HS512"}, digest="sha512")),
        "another algorithm's name": bearer(jwt(head={"alg": "RS256"})),
        "a critical extension": bearer(jwt(head={"alg": "HS256", "crit": ["b64"], "b64": False})),
        "no signature": bearer(f"{head}.{claims}."),
        "half a signature": bearer(f"{head}.{claims}.{signature[:20]}"),
        "a flipped signature": bearer(f"{head}.{claims}.{flipped}"),
        "other claims": bearer(f"{head}.{part({'exp': now + 60, 'iss': ISSUER, 'aud': AUDIENCE, 'a': 1})}.{signature}"),
        "padded": bearer(f"{good}="),
        "two parts": bearer(f"{head}.{claims}"),
        "four parts": bearer(f"{good}.{signature}"),
        "two headers, one good": [*bearer(good), *bearer("x")],
        "two headers, the good one last": [*bearer("x"), *bearer(good)],
        "two in one": [("Authorization", f"Bearer {good}, Bearer {good}")],
        "too long": bearer(jwt(pad="x" * 5_000)),
        "a cookie": [("Cookie", f"Authorization=Bearer {good}")],
        "another header": [("X-Authorization", f"Bearer {good}")],
        "underscore": [("authorization_", f"Bearer {good}")],
    }


def refused(chain: Chain, asked: object) -> None:
    key = [("apikey", chain.key("web"))]
    for name, headers in forged().items():
        for more in ([], key, [("X-Model-Version", chain.token(SHARED))]):
            answer = chain.get(SHARED, asked, headers=[*headers, *more])
            assert_refused(answer)
            assert answer.status == 401, name
    good = jwt()
    for query in (f"access_token={good}", f"Authorization=Bearer%20{good}"):
        assert_refused(chain.send("GET", f"{chain.target(SHARED, asked)}&{query}"))


def test_without_a_good_token_there_is_no_answer_kept_or_not(guarded: Chain) -> None:
    chain, asked = guarded, question()
    refused(chain, asked)
    assert chain.calls(asked) == 0
    answers: list[Answer] = []
    for token in (jwt(), jwt(secret=JWT_SECRETS[1]), jwt(aud=["other", AUDIENCE]), jwt(sub="alice")):
        answers.append(chain.get(SHARED, asked, headers=bearer(token)))
        assert_everybodys(answers[-1], asked)
    assert [answer.edge_hit for answer in answers] == [False, True, True, True]
    refused(chain, asked)
    assert chain.calls(asked) == 1
    assert chain.get(SHARED, asked, headers=[("authorization", f"bearer {jwt()}")]).edge_hit


def test_nobodys_token_reaches_the_model_or_makes_a_difference(guarded: Chain) -> None:
    chain, asked = guarded, question()
    first = chain.get(SHARED, asked, headers=[*bearer(jwt(sub="alice")), ("apikey", chain.key("web"))])
    second = chain.get(SHARED, asked, headers=[*bearer(jwt(sub="bob")), ("apikey", "wrong")])
    assert_everybodys(first, asked)
    assert second.edge_hit and second.call == first.call
    [call] = chain.model.asked(asked)
    assert not {"authorization", "apikey"} & set(call.headers)


def test_a_token_is_no_key_for_a_post(guarded: Chain) -> None:
    chain, asked = guarded, question()
    kept = chain.get(SHARED, asked, headers=bearer(jwt()))
    for model in (SHARED, PRIVATE):
        assert_refused(chain.post(model, asked, headers=bearer(jwt())))
        assert_refused(chain.post(model, asked, headers=[*bearer(jwt()), ("X-Model-Version", chain.token(SHARED))]))
        own = chain.post(model, asked, headers=[("apikey", chain.key("web"))])
        assert_own(own, asked)
        assert own.call != kept.call


def test_the_edges_own_key_is_nobodys(guarded: Chain) -> None:
    """The gateway lets the edge in for a version: a caller who names one gets in no more than without."""
    chain, asked = guarded, question()
    version = ("X-Model-Version", chain.token(SHARED))
    for headers in ([version], [version, ("apikey", "edge-cache")], [version, ("X-Consumer-Username", "edge-cache")]):
        assert_refused(chain.get(SHARED, asked, headers=headers))
        assert_refused(chain.post(SHARED, asked, headers=headers))
        answer = chain.send("GET", chain.target(SHARED, asked), headers=headers, at=chain.gateway)
        assert answer.status == 403
    assert chain.calls(asked) == 0


def test_a_secret_that_is_taken_away_opens_nothing_kept(guarded: Chain) -> None:
    chain, asked = guarded, question()
    assert_everybodys(chain.get(SHARED, asked, headers=bearer(jwt())), asked)
    chain.redeploy(edge={"authentication": {"secrets": [Secret(JWT_SECRETS[1])]}})
    assert_refused(chain.get(SHARED, asked, headers=bearer(jwt())))
    assert chain.get(SHARED, asked, headers=bearer(jwt(secret=JWT_SECRETS[1]))).edge_hit
    chain.redeploy(edge={"authentication": {"secrets": [Secret(secret) for secret in JWT_SECRETS]}})
