"""A new version is deployed while callers ask: during it every answer is one version's own, after it the new one's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.engine import EngineError
from tests.edge_attack.chain import PLAIN, PRIVATE, SHARED, Chain, question
from tests.edge_attack.checks import assert_own, assert_shared
from tests.edge_attack.conftest import RunChain
from tests.edge_attack.relay import Refusal
from tests.edge_attack.traffic import Asked, Traffic, ask


@pytest.fixture(scope="module")
def moving(run_chain: RunChain) -> Iterator[Chain]:
    """A chain whose version these tests change."""
    with run_chain() as running:
        yield running


def other_version(chain: Chain) -> str:
    return "1" if chain.version == "2" else "2"


def assert_nothing_of_before(chain: Chain, asked: list[Asked]) -> None:
    """Every question that was ever asked, once more: the deployed version's answer, and then again from the edge."""
    unique = {(one.model, one.question["id"], one.tenant): one for one in asked}
    for one in unique.values():
        again = one.again(chain)
        assert again.is_own and again.version == chain.version
        if one.model == SHARED:
            kept = one.again(chain)
            assert kept.answer.edge_hit and kept.answer.call == again.answer.call


def test_a_rollout_leaves_nothing_stale_and_a_roll_back_nothing_wrong(moving: Chain) -> None:
    chain, before, after = moving, moving.version, other_version(moving)
    with Traffic(chain) as rollout:
        rollout.change(version=after)
    assert [one for one in rollout.asked if not one.is_own] == []
    assert {one.version for one in rollout.asked} == {before, after}
    assert {one.version for one in rollout.late} == {after}
    assert_nothing_of_before(chain, rollout.asked)

    with Traffic(chain) as rolled_back:
        rolled_back.change(version=before)
    assert [one for one in rolled_back.asked if not one.is_own] == []
    assert {one.version for one in rolled_back.late} == {before}
    assert_nothing_of_before(chain, [*rollout.asked, *rolled_back.asked])


def test_the_token_of_the_version_before_opens_nothing_and_fills_nothing(moving: Chain) -> None:
    chain, before, after = moving, moving.version, other_version(moving)
    asked, fresh = question(), question()
    assert_shared(chain, SHARED, asked)
    old = chain.token(SHARED)
    chain.redeploy(version=after)
    new = chain.token(SHARED)
    for one in (asked, fresh):
        for _ in range(2):
            answer = chain.get(SHARED, one, headers=[("X-Model-Version", old)])
            assert_own(answer, one, version=after)
    # A location of the edge that still has the old table: its answers may not be kept under the old version's name.
    lagging = [("X-Origin-Verify", chain.origin_secrets()[0]), ("X-Model-Version", old)]
    for one in (asked, fresh, question()):
        answer = chain.send("GET", chain.target(SHARED, one), headers=lagging, at=chain.gateway)
        assert (answer.document["version"], answer.headers["cache-control"]) == (after, "private, no-store")
    chain.redeploy(version=before)
    assert len({old, new, chain.token(SHARED)}) == 3  # a roll back is a rollout, too
    for one in (asked, fresh):
        assert_shared(chain, SHARED, one)


def test_a_question_under_way_is_answered_by_the_version_that_was_asked_and_kept_for_nobody(moving: Chain) -> None:
    chain, before, after = moving, moving.version, other_version(moving)
    asked = question(how={"hold": True})
    chain.models[before].hold()
    chain.models[after].release()
    with ThreadPoolExecutor() as pool:
        under_way = [pool.submit(ask, chain, model, asked) for model in (SHARED, PRIVATE)]
        chain.models[before].wait_for_calls(asked, 2)
        chain.redeploy(version=after)
        early = [ask(chain, model, asked) for model in (SHARED, PRIVATE)]
        chain.models[before].release()
        late = [one.result() for one in under_way]
    assert [(one.is_own, one.version) for one in early] == [(True, after)] * 2
    assert [(one.is_own, one.version) for one in late] == [(True, before)] * 2
    for one in early:
        assert one.again(chain).answer.call == one.answer.call


def test_a_rollout_that_fails_half_way_keeps_nothing_under_a_wrong_name(moving: Chain) -> None:
    chain, before, after = moving, moving.version, other_version(moving)
    kept, fresh = ask(chain, SHARED, question()), question()

    def refuse() -> None:
        raise Refusal

    with pytest.raises(EngineError), chain.changing_slowly(lambda: None, refuse):
        chain.redeploy(version=after)
    assert kept.again(chain).version == before  # the edge goes on as it was
    for _ in range(2):  # the gateway does not: right answers, that are not to be kept
        one = ask(chain, SHARED, fresh)
        assert (one.is_own, one.version, one.answer.edge_hit) == (True, after, False)
    for version in (after, before):
        chain.redeploy(version=version)
        assert_nothing_of_before(chain, [kept, ask(chain, SHARED, fresh)])


@pytest.mark.parametrize(
    "change",
    [{"generation": 2}, {"excludeFields": ["note"]}, {"keyHeaders": ["x-tenant", "x-region"]}, {"profile": "llm"}],
    ids=str,
)
def test_a_change_of_the_rules_leaves_nothing_of_before(moving: Chain, change: dict[str, Any]) -> None:
    chain = moving
    before = [ask(chain, SHARED, question(temperature=0)) for _ in range(5)]
    assert all(one.again(chain).answer.edge_hit for one in before)
    chain.redeploy(shared={"cache": change})
    for one in before:
        again = one.again(chain)
        assert again.is_own and again.answer.call != one.answer.call


def test_a_model_that_is_shared_no_more_is_not_answered_from_the_edge(moving: Chain) -> None:
    chain, asked = moving, question()
    assert_shared(chain, PLAIN, asked)
    chain.redeploy(plain={"cache": {"shareable": False}, "access": {"mode": "key-auth"}})
    key = [("apikey", chain.key("web"))]
    for headers in ([], key):
        answer = chain.get(PLAIN, asked, headers=headers)
        assert 400 <= answer.status < 500 and not answer.is_prediction and not answer.edge_hit
    assert chain.post(PLAIN, asked).status == 401
    for model in (PLAIN, PRIVATE):
        assert chain.post(model, asked, headers=key).status == 200


def test_models_that_exchange_their_paths_never_answer_for_each_other(moving: Chain) -> None:
    chain = moving
    before = {model: chain.path(model) for model in (SHARED, PLAIN)}
    chain.redeploy(plain={"cache": {"shareable": True}, "access": {"mode": "open"}})
    old = {model: [ask(chain, model, question()) for _ in range(3)] for model in before}
    chain.redeploy(shared={"route": {"path": before[PLAIN]}}, plain={"route": {"path": before[SHARED]}})
    for model, asked in old.items():
        other = PLAIN if model == SHARED else SHARED
        assert chain.path(model) == before[other]
        for one in asked:
            again = one.again(chain)
            assert again.is_own and again.answer.call != one.answer.call
            there = ask(chain, other, one.question)
            assert there.answer.call not in (one.answer.call, again.answer.call)
