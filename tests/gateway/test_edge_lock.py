"""Behind an edge nobody gets in who does not know its secret, whatever the model's cache and access are."""

import pytest

from tests.gateway.deployed import encoded

DOCUMENT = {"x": 1}
BODY = b'{"x": 1}'
OLD, NEW = "the-secret-before-the-rotation", "the-secret-after-the-rotation"
EDGE = {"secrets": [OLD, NEW]}
WRONG = [
    [],
    [("x-origin-verify", "")],
    [("x-origin-verify", "wrong")],
    [("x-origin-verify", OLD[:-1])],
    [("x-origin-verify", f"{OLD}x")],
    [("x-origin-verify", OLD.upper())],
    [("x-origin-verify", OLD), ("x-origin-verify", OLD)],
    [("x-origin-verify", "wrong"), ("x-origin-verify", OLD)],
    [("x-origin-verify", OLD), ("x_origin_verify", "wrong")],
    [("x_origin_verify", OLD)],
    [("x-origin_verify", OLD)],
    [("x-origin-verify", f"{OLD}, {NEW}")],
]


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"cache": {"enabled": False}},
        {"cache": {"get_twin": False}},
        {"access": {"mode": "open", "cors": {"origins": ["*"]}}, "cache": {"shareable": True}},
    ],
    ids=str,
)
def test_nobody_gets_in_without_the_secret(deploy, model, args):
    deployed = deploy(edge=EDGE, **args)
    for headers in WRONG:
        for _ in range(2):
            reply = deployed.send(BODY, "web", headers)
            assert (reply.status, reply.answer, reply.cache) == (403, None, "")
            assert reply.headers["content-type"].startswith("application/json")
            assert reply.headers["cache-control"] == "no-store"
    assert not model.calls


def test_neither_a_get_nor_a_preflight_gets_in_without_the_secret(deploy, model):
    deployed = deploy(edge=EDGE, access={"mode": "open", "cors": {"origins": ["*"]}})
    assert deployed.get_query(f"input={encoded(BODY)}", None, {}).status == 403
    asked = {"origin": "https://app.test", "access-control-request-method": "POST"}
    assert deployed.client.options(deployed.url, headers=asked).status_code == 403
    allowed = deployed.client.options(deployed.url, headers={**asked, "x-origin-verify": NEW})
    assert allowed.headers["access-control-allow-origin"] == "*"


def test_a_stored_answer_is_behind_the_lock_too(deploy, model):
    deployed = deploy(edge=EDGE)
    for hit in (False, True):
        assert deployed.ask(DOCUMENT, x_origin_verify=NEW).hit == hit
    assert deployed.ask(DOCUMENT).status == 403
    assert deployed.ask(DOCUMENT, x_origin_verify="wrong").status == 403


def test_both_secrets_of_a_rotation_get_in_and_share_answers(deploy, model):
    deployed = deploy(edge=EDGE)
    assert not deployed.ask(DOCUMENT, x_origin_verify=OLD).hit
    assert deployed.ask(DOCUMENT, x_origin_verify=NEW).hit
    deployed.deploy(edge={"secrets": [NEW, "the-secret-after-the-next-rotation"]})
    assert deployed.ask(DOCUMENT, x_origin_verify=OLD).status == 403
    assert deployed.ask(DOCUMENT, x_origin_verify=NEW).hit


@pytest.mark.parametrize("cache", [{}, {"enabled": False}], ids=str)
def test_the_secret_is_never_sent_to_the_model(deploy, model, cache):
    deployed = deploy(edge=EDGE, cache=cache)
    for body in (BODY, b'{"stream": true}'):
        assert deployed.ask(body=body, x_origin_verify=OLD).answer == model.answer_to(body)
    for call in model.calls:
        assert not {name for name in call if "verify" in name}
        assert OLD not in call.values()


def test_the_secret_does_not_replace_a_callers_key(deploy, model):
    deployed = deploy(edge=EDGE)
    assert deployed.ask(DOCUMENT, key=None, x_origin_verify=OLD).status == 401
    assert deployed.ask(DOCUMENT, key="wrong", x_origin_verify=OLD).status == 401


def test_a_client_certificate_is_asked_for_where_it_has_to_be(deploy, model):
    deployed = deploy(edge={**EDGE, "client_certificate": True})
    assert deployed.ask(DOCUMENT, x_origin_verify=OLD).status == 403  # plain HTTP has none
    assert not model.calls


def test_a_flood_of_headers_does_not_hide_a_second_secret(deploy, model):
    deployed = deploy(edge=EDGE)
    flood = [(f"x-flood-{i}", "1") for i in range(150)]
    reply = deployed.send(BODY, "web", [("x-origin-verify", OLD), *flood, ("x-origin-verify", "wrong")])
    assert reply.status in (400, 403, 431, 494)
    assert not model.calls


def test_who_may_read_the_gateways_configuration_does_not_learn_the_secret(deploy, model, gateway):
    import httpx

    deployed = deploy(edge=EDGE)
    plugins = httpx.get(f"{gateway[0]}/services/{deployed.outputs['serviceId']}/plugins?size=1000").text
    assert "pre-function" in plugins
    assert OLD not in plugins
    assert NEW not in plugins
