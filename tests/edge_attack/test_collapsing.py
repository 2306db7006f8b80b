"""Many at once: the edge asks once for all whose question is the same, and never gives one the answer of another."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.edge_attack.chain import CONSUMERS, CREDENTIAL, PRIVATE, SHARED, Chain, question
from tests.edge_attack.checks import assert_everybodys, assert_own, assert_refused, assert_shared
from tests.edge_attack.edges import Fate
from tests.edge_attack.wire import Answer

CALLERS = 20


def at_once(asks: list[Callable[[], Answer]], meanwhile: Callable[[], None]) -> list[Answer]:
    """The answers to questions that are all under way while `meanwhile` runs."""
    with ThreadPoolExecutor(len(asks)) as pool:
        under_way = [pool.submit(ask) for ask in asks]
        meanwhile()
        return [one.result() for one in under_way]


def held(chain: Chain, asked: object, calls: int) -> Callable[[], None]:
    """Let the model answer only when it has been asked so often."""
    chain.model.hold()

    def meanwhile() -> None:
        try:
            chain.model.wait_for_calls(asked, calls)
        finally:
            chain.model.release()

    return meanwhile


def test_tenants_who_ask_at_once_get_their_own(chain: Chain) -> None:
    asked = question(how={"hold": True})
    tenants = [f"t{number % (CALLERS // 2)}" for number in range(CALLERS)]
    asks = [lambda tenant=tenant: chain.get(SHARED, asked, headers=[("x-tenant", tenant)]) for tenant in tenants]
    answers = at_once(asks, held(chain, asked, len(set(tenants))))
    for tenant, answer in zip(tenants, answers, strict=True):
        assert_everybodys(answer, asked, tenant=tenant)
    assert chain.calls(asked) == len({answer.call for answer in answers}) == len(set(tenants))


def test_one_question_at_once_is_one_call(chain: Chain) -> None:
    asked = question(how={"hold": True})
    asks = [
        lambda number=number: chain.get(
            SHARED, asked, headers=[("Authorization", f"Bearer {number}"), ("Cookie", f"a={number}")]
        )
        for number in range(CALLERS)
    ]
    answers = at_once(asks, held(chain, asked, 1))
    for answer in answers:
        assert_everybodys(answer, asked)
    assert chain.calls(asked) == len({answer.call for answer in answers}) == 1


def test_other_questions_at_once_are_not_mixed_up(chain: Chain) -> None:
    asked = [question(how={"hold": True}, group=number % 5) for number in range(CALLERS)]
    asks = [lambda one=one: chain.get(SHARED, one) for one in asked]

    def meanwhile() -> None:
        for one in asked:
            chain.model.wait_for_calls(one, 1)
        chain.model.release()

    chain.model.hold()
    for one, answer in zip(asked, at_once(asks, meanwhile), strict=True):
        assert_everybodys(answer, one)


def test_an_answer_that_may_not_be_kept_goes_to_nobody_who_waited(chain: Chain) -> None:
    asked = question(how={"hold": True, "headers": [["Set-Cookie", "a=b"], ["Cache-Control", "public, max-age=60"]]})
    answers = at_once([lambda: chain.get(SHARED, asked)] * CALLERS, held(chain, asked, 1))
    for answer in answers:
        assert_everybodys(answer, asked)
        assert not answer.edge_hit
        assert "set-cookie" not in answer.headers or "set-cookie" in chain.kind.leaves
    assert chain.calls(asked) == len({answer.call for answer in answers}) == CALLERS


@pytest.mark.parametrize(
    "header",
    [
        "x-amzn-sagemaker-new",
        "x_amzn_sagemaker_target_variant",
        "X-Amzn-SageMaker-Session-Id",
        "x_http_method_override",
        "X-HTTP-Method",
        "Prefer",
        "x_tenant",
    ],
)
def test_those_who_ask_for_another_answer_at_once_change_nobodys(chain: Chain, header: str) -> None:
    """However an edge collapses: those without the header never get what was made for one with it."""
    asked = question(how={"hold": True})
    theirs = [[(header, f"{number}")] if number % 2 else [] for number in range(CALLERS)]
    asks = [lambda headers=headers: chain.get(SHARED, asked, headers=headers) for headers in theirs]
    passed_on = chain.fate(SHARED, theirs[1]) is Fate.OWN  # each of them at once: none waits for another's
    answers = at_once(asks, held(chain, asked, 1 + CALLERS // 2 if passed_on else 1))
    for headers, answer in zip(theirs, answers, strict=True):
        if not headers or answer.edge_hit:
            assert_everybodys(answer, asked)
            assert header.lower() not in answer.document["saw"]
        elif answer.status != 200:
            assert_refused(answer)
        elif passed_on:
            assert_own(answer, asked)
            assert answer.document["saw"][header.lower()] == headers[0][1]
        else:
            assert_everybodys(answer, asked)
            assert chain.kind.drops_unknown
    assert_shared(chain, SHARED, asked)


def test_a_caller_who_leaves_takes_no_answer_along(chain: Chain) -> None:
    """The others wait on the request of the one that left."""
    asked = question(how={"hold": True})
    chain.model.hold()
    parts = urlsplit(chain.edge)
    assert parts.hostname and parts.port
    with socket.create_connection((parts.hostname, parts.port)) as leaving:
        leaving.sendall(f"GET {chain.target(SHARED, asked)} HTTP/1.1\r\nHost: {chain.host}\r\n\r\n".encode())
        chain.model.wait_for_calls(asked, 1)
    answers = at_once([lambda: chain.get(SHARED, asked)] * 3, chain.model.release)
    for answer in answers:
        assert_everybodys(answer, asked)
    assert len({answer.call for answer in answers}) == 1


def test_consumers_who_post_at_once_get_their_own(chain: Chain) -> None:
    asked = question(how={"hold": True})
    names = [CONSUMERS[number % 2] for number in range(CALLERS)]
    asks = [lambda name=name: chain.post(PRIVATE, asked, headers=[("apikey", chain.key(name))]) for name in names]
    for name, answer in zip(names, at_once(asks, held(chain, asked, 2)), strict=True):
        assert_own(answer, asked)
        assert answer.document["saw"]["x-consumer-username"].endswith(f"-{name}")
        assert not answer.edge_hit
    assert chain.calls(asked) == 2


def test_callers_of_the_model_who_post_at_once_get_their_own(chain: Chain) -> None:
    asked = question(how={"hold": True})
    names = [f"caller-{number % 5}" for number in range(CALLERS)]
    asks = [lambda name=name: chain.post(CREDENTIAL, asked, headers=[("x-credential", name)]) for name in names]
    for name, answer in zip(names, at_once(asks, held(chain, asked, 5)), strict=True):
        assert_own(answer, asked, x_credential=name)
    assert chain.calls(asked) == 5
