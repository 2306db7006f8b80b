"""The client's transport through the whole chain."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from client import PredictionTransport, cache_status
from tests.edge_attack.chain import PRIVATE, SHARED, Chain, question


@pytest.fixture
def client(chain: Chain) -> Iterator[httpx.Client]:
    with httpx.Client(transport=PredictionTransport(), headers={"host": chain.host}) as made:
        yield made


def test_a_shared_question_is_answered_by_the_edge(chain: Chain, client: httpx.Client) -> None:
    asked = question(values=[1.0, 1e-7, "é"])
    answers = [client.post(chain.url(SHARED), json=one) for one in (asked, dict(reversed(asked.items())))]
    assert [cache_status(answer).hit for answer in answers] == [False, True]
    assert answers[0].json() == answers[1].json() and answers[0].json()["question"] == asked
    assert chain.calls(asked) == 1


def test_tenants_and_credentials_of_one_client_are_kept_apart(chain: Chain, client: httpx.Client) -> None:
    asked = question()
    for _ in range(2):
        for tenant in ("a", "b"):
            headers = {"x-tenant": tenant, "authorization": f"Bearer {tenant}", "cookie": f"a={tenant}"}
            saw = client.post(chain.url(SHARED), json=asked, headers=headers).json()["saw"]
            assert saw["x-tenant"] == tenant and not {"authorization", "cookie"} & set(saw)
    assert chain.calls(asked) == 2


@pytest.mark.parametrize("size", [10, 7_000])
def test_what_the_edge_refuses_to_a_get_is_asked_by_post(chain: Chain, client: httpx.Client, size: int) -> None:
    asked = question(pad="x" * size)
    for model in (SHARED, PRIVATE):
        answer = client.post(chain.url(model), json=asked, headers={"apikey": chain.key("web")})
        assert (answer.status_code, answer.json()["question"]) == (200, asked)
        assert answer.request.method == "POST"
    assert client.post(chain.url(PRIVATE), json=asked).status_code == 401


def test_a_header_that_changes_the_answer_is_honoured(chain: Chain, client: httpx.Client) -> None:
    asked = question()
    plain = client.post(chain.url(SHARED), json=asked).json()
    for name, value in (("prefer", "return=minimal"), ("x-amzn-sagemaker-target-model", "m"), ("accept", "text/csv")):
        special = client.post(chain.url(SHARED), json=asked, headers={name: value}).json()
        assert special["saw"][name] == value and special["call"] != plain["call"]
    assert client.post(chain.url(SHARED), json=asked).json() == plain
