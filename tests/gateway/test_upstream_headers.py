"""What the model's endpoint asks of the gateway is added last: no caller can see it, change it or stand beside it."""

import pytest

DOCUMENT = {"x": 1}
BODY = b'{"x": 1}'
HEADERS = {"X-Api-Key": "the-key-of-the-model's-endpoint", "x-stage": "prod"}
OPEN = {"mode": "open"}


@pytest.mark.parametrize("cache", [{}, {"enabled": False}], ids=str)
def test_every_request_to_the_model_has_them(deploy, model, cache):
    deployed = deploy(upstream_headers=HEADERS, access=OPEN, cache=cache)
    for body in (BODY, b'{"stream": true}', b"not json"):
        assert deployed.ask(body=body).answer == model.answer_to(body)
    assert len(model.calls) == 3
    for call in model.calls:
        assert (call["x-api-key"], call["x-stage"]) == (HEADERS["X-Api-Key"], "prod")


@pytest.mark.parametrize("cache", [{}, {"enabled": False}], ids=str)
@pytest.mark.parametrize("name", ["x-api-key", "X-API-KEY", "x_api_key", "X-Api_Key", "x_api-key"])
def test_what_a_caller_sends_under_their_names_is_gone(deploy, model, cache, name):
    deployed = deploy(upstream_headers=HEADERS, access=OPEN, cache=cache)
    sent = [(name, "evil"), (name, "evil-again"), *((f"x-flood-{i}", "1") for i in range(60))]
    assert deployed.send(BODY, None, sent).status == 200
    assert {key: value for key, value in model.calls[0].items() if key.replace("_", "-") == "x-api-key"} == {
        "x-api-key": HEADERS["X-Api-Key"]
    }
    assert "evil" not in str(model.calls)


def test_the_caller_does_not_see_them_and_a_hit_needs_none(deploy, model):
    deployed = deploy(upstream_headers=HEADERS)
    for hit in (False, True):
        reply = deployed.ask(DOCUMENT)
        assert reply.hit == hit
        assert HEADERS["X-Api-Key"] not in str(reply.headers)
    assert len(model.calls) == 1


def test_another_value_is_another_question(deploy, model):
    deployed = deploy(upstream_headers=HEADERS)
    deployed.ask(DOCUMENT)
    deployed.deploy(upstream_headers={**HEADERS, "x-stage": "test"})
    assert not deployed.ask(DOCUMENT).hit
    assert model.calls[-1]["x-stage"] == "test"


def test_a_get_has_them_too(deploy, model):
    deployed = deploy(upstream_headers=HEADERS, access=OPEN)
    assert deployed.get(DOCUMENT).answer == model.answer_to(BODY)
    assert model.calls[0]["x-api-key"] == HEADERS["X-Api-Key"]
