"""Signed URLs: without a good signature there is no shared answer, kept or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.edge_attack.chain import PLAIN, PRIVATE, SHARED, Chain, question
from tests.edge_attack.checks import assert_everybodys, assert_own, assert_refused
from tests.edge_attack.conftest import RunChain
from tests.edge_attack.edges import EdgeUnderTest, Fate, with_mode
from tests.edge_attack.signers import SIGNERS, UrlSigner
from tests.edge_attack.wire import Headers, json_bytes

pytestmark = with_mode("signed-url")


@dataclass(frozen=True)
class Guarded:
    """A chain whose shareable models are for the holders of signed URLs; two keys are good."""

    chain: Chain
    signers: dict[str, UrlSigner]
    stranger: UrlSigner

    def signed(self, target: str, number: int = 0, **options: object) -> str:
        """Path and query with a signature; options as for the signer, which may be another one (`by`)."""
        key_id, own = list(self.signers.items())[number]
        by: Any = options.pop("by", own)
        base = f"https://{self.chain.host}"
        return by.signed(f"{base}{target}", str(options.pop("key_id", key_id)), **options).removeprefix(base)


@pytest.fixture(scope="module")
def guarded(edge_kind: EdgeUnderTest, run_chain: RunChain) -> Iterator[Guarded]:
    make = SIGNERS[edge_kind.name]
    signers = [make(), make()]
    authentication = {"mode": "signed-url", "publicKeys": [signer.public_key for signer in signers]}
    with run_chain(edge={"authentication": authentication}, shared={"access": {"mode": "key-auth"}}) as running:
        ids = key_ids(running)
        yield Guarded(running, {ids[signer.public_key.strip()]: signer for signer in signers}, make())


def key_ids(chain: Chain) -> dict[str, str]:
    """By which name the edge knows each public key."""
    found = {given["encodedKey"].strip(): id_ for id_, given in chain.inputs("PublicKey").items()}
    for keyset in chain.inputs("EdgeCacheKeyset").values():
        found.update({one["value"]: one["id"] for one in keyset["publicKeys"]})
    return found


def forged(guarded: Guarded, asked: object) -> dict[str, str]:
    chain = guarded.chain
    target, other = chain.target(SHARED, asked), chain.target(SHARED, question())
    good = guarded.signed(target)
    signature, everywhere = good[len(target) :], f"https://{chain.host}/*"
    first, second = guarded.signers
    key_name = guarded.stranger.KEY_NAME
    return {
        "unsigned": target,
        "expired": guarded.signed(target, seconds=-1),
        "a foreign key": guarded.signed(target, by=guarded.stranger),
        "a foreign key of its own name": guarded.signed(target, by=guarded.stranger, key_id="KSTRANGER"),
        "another key's name": guarded.signed(target, key_id=second),
        "no key's name": good.replace(f"{key_name}={first}", f"{key_name}="),
        "of another input": target + guarded.signed(other)[len(other) :],
        "of another model": guarded.signed(chain.target(PLAIN, asked)).replace(chain.path(PLAIN), chain.path(SHARED)),
        "of the path alone": target + "&" + guarded.signed(chain.path(SHARED)).partition("?")[2],
        "a policy for another path": guarded.signed(target, resource=f"https://{chain.host}{chain.path(PLAIN)}*"),
        "a policy for another host": guarded.signed(target, resource="https://evil.test/*"),
        "an expired policy": guarded.signed(target, resource=everywhere, seconds=-1),
        "a foreign policy": guarded.signed(target, resource=everywhere, by=guarded.stranger),
        "cut": good[:-30],
        "no signature": "&".join(part for part in good.split("&") if not part.startswith("Signature=")),
        "no time": "&".join(part for part in good.split("&") if not part.startswith("Expires=")),
        "more time": good.replace("Expires=", "Expires=9"),
        "twice": good + signature,
        "in another case": target + signature.lower(),
        "one parameter more": f"{good}&x=1",
    }


def assert_shut(guarded: Guarded, asked: object) -> None:
    chain = guarded.chain
    for name, target in forged(guarded, asked).items():
        for headers in ([], [("apikey", chain.key("web"))], [("X-Model-Version", chain.token(SHARED))]):
            answer = chain.send("GET", target, headers=headers)
            assert_refused(answer)
            assert answer.status == 403, name


def test_without_a_good_signature_there_is_no_answer_kept_or_not(guarded: Guarded) -> None:
    chain, asked = guarded.chain, question()
    assert_shut(guarded, asked)
    assert chain.calls(asked) == 0
    target, base = chain.target(SHARED, asked), f"https://{chain.host}"
    ways = [
        guarded.signed(target),
        guarded.signed(target, 1),
        guarded.signed(target, seconds=999),
        guarded.signed(target, resource=f"{base}{chain.path(SHARED)}*"),
    ]
    answers = [chain.send("GET", way) for way in ways]
    for answer in answers:
        assert_everybodys(answer, asked)
    assert [answer.edge_hit for answer in answers] == [False, True, True, True]
    assert_shut(guarded, asked)
    assert chain.calls(asked) == 1
    [call] = chain.model.asked(asked)
    assert "Signature" not in str(call)


def test_the_signature_is_no_part_of_the_question(guarded: Guarded) -> None:
    chain, asked = guarded.chain, question()
    for number in range(3):
        answer = chain.send("GET", guarded.signed(chain.target(SHARED, asked), seconds=60 + number))
        assert_everybodys(answer, asked)
        assert answer.edge_hit == (number > 0)


@pytest.mark.parametrize("headers", [[("x-tenant", "a")], []], ids=str)
def test_a_signed_url_is_good_for_its_question_alone(guarded: Guarded, headers: Headers) -> None:
    chain, asked, other = guarded.chain, question(), question()
    signed = guarded.signed(chain.target(SHARED, asked))
    assert chain.send("GET", signed, headers=headers).status == 200
    taken = signed.replace(chain.target(SHARED, asked), chain.target(SHARED, other))
    assert_refused(chain.send("GET", taken, headers=headers))
    assert_refused(chain.send("HEAD", signed, headers=headers))
    assert chain.calls(other) == 0


def test_a_signature_is_no_key_for_a_post(guarded: Guarded) -> None:
    chain, asked = guarded.chain, question()
    key, json_type = ("apikey", chain.key("web")), ("Content-Type", "application/json")
    signed = guarded.signed(chain.path(SHARED))
    body = json_bytes(asked)
    assert_refused(chain.send("POST", signed, headers=[json_type], body=body))
    if chain.kind.signs_posts:
        assert_refused(chain.post(SHARED, asked, headers=[key]))
    else:
        assert_refused(chain.post(SHARED, asked))
        assert_own(chain.post(SHARED, asked, headers=[key]), asked)
    assert_own(chain.send("POST", signed, headers=[json_type, key], body=body), asked)
    assert_own(chain.post(PRIVATE, asked, headers=[key]), asked)
    assert_refused(chain.post(PRIVATE, asked))


def test_past_the_cache_it_takes_the_callers_own_key(guarded: Guarded) -> None:
    """A GET that the edge does not keep is the gateway's to let in, signed or not."""
    chain, asked = guarded.chain, question()
    past, key = ("Prefer", "return=minimal"), ("apikey", chain.key("web"))
    for target in (chain.target(SHARED, asked), guarded.signed(chain.target(SHARED, asked))):
        assert_refused(chain.send("GET", target, headers=[past]))
        assert_refused(chain.send("GET", target, headers=[past, ("X-Model-Version", chain.token(SHARED))]))
    assert chain.calls(asked) == 0
    answer = chain.send("GET", chain.target(SHARED, asked), headers=[past, key])
    if chain.fate(SHARED, [past], Fate.REFUSED) is Fate.OWN:
        assert_own(answer, asked)
        assert not answer.edge_hit and answer.document["saw"]["prefer"] == past[1]
    else:
        assert_refused(answer)


def test_a_key_that_is_taken_away_opens_nothing_kept(guarded: Guarded) -> None:
    chain, asked = guarded.chain, question()
    target = chain.target(SHARED, asked)
    signed = [guarded.signed(target, number) for number in (0, 1)]
    assert_everybodys(chain.send("GET", signed[0]), asked)
    keys = [signer.public_key for signer in guarded.signers.values()]
    chain.redeploy(edge={"authentication": {"publicKeys": keys[1:]}})
    assert_refused(chain.send("GET", signed[0]))
    assert chain.send("GET", signed[1]).edge_hit
