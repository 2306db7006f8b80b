"""An answer is public only if every caller may get it, from the version asked for, and for what is left of it."""

import httpx
import pytest

from components.prediction_key import KEY_HEADERS
from tests.gateway.deployed import encoded
from tests.gateway.model_server import Behaviour

STORES = ("proxy-cache", "sharded")

DOCUMENT = {"x": [1, 2, 3]}
BODY = b'{"x": [1, 2, 3]}'
SHARED = {"shareable": True, "ttl_seconds": 1_000}
OPEN = {"mode": "open"}
LOCK = "the-secret-that-the-edge-sends"
EDGE_KEY = "the-key-that-the-edge-is-let-in-with"


@pytest.fixture
def deployed(deploy):
    return deploy(access=OPEN, cache=SHARED, version="a/b 1")


def is_public(reply) -> bool:
    kept = reply.headers["cache-control"] != "private, no-store"
    assert not kept or reply.headers["cache-control"].startswith("public, max-age=0, s-maxage=")
    assert kept == ("cache-tag" in reply.headers)
    return kept


def test_an_answer_to_the_deployed_version_is_public_for_the_seconds_it_has_left(deployed, model):
    model.behaviour = Behaviour(headers=(("Date", "Thu, 01 Jan 2015 00:00:00 GMT"), ("Age", "7")))
    for hit in (False, True):
        reply = deployed.get(DOCUMENT, x_model_version=deployed.version_token)
        assert (reply.hit, reply.answer) == (hit, model.answer_to(BODY))
        public, edge, revalidate, error = (
            reply.headers["cache-control"].split(", s-maxage=")[0],
            *[part.strip() for part in reply.headers["cache-control"].split(",")[2:]],
        )
        assert (public, revalidate, error) == ("public, max-age=0", "stale-while-revalidate=0", "stale-if-error=0")
        assert 980 <= int(edge.removeprefix("s-maxage=")) <= 1_000
        assert reply.headers["cache-tag"] == f"{deployed.name},{deployed.name}@a%2Fb%201"
        assert int(reply.headers["content-length"]) > 0
        assert not set(reply.headers) & {"age", "x-request-id", "expires", "pragma"}
        assert "2015" not in reply.headers["date"]
    assert len(model.calls) == 1
    assert "x-model-version" not in model.calls[0]


def test_how_long_an_expired_answer_may_be_served_is_the_models(deploy, model):
    shared = {**SHARED, "stale_while_revalidate_seconds": 30, "stale_if_error_seconds": 600}
    deployed = deploy(access=OPEN, cache=shared)
    reply = deployed.get(DOCUMENT, x_model_version=deployed.version_token)
    assert reply.headers["cache-control"].endswith(", stale-while-revalidate=30, stale-if-error=600")


def test_the_models_own_lifetime_bounds_the_public_one(deployed, model):
    model.behaviour = Behaviour(headers=(("Cache-Control", "public, s-maxage=60, max-age=9000"),))
    for _ in range(2):
        reply = deployed.get(DOCUMENT, x_model_version=deployed.version_token)
        assert 50 <= int(reply.headers["cache-control"].split("s-maxage=")[1].split(",")[0]) <= 60


def test_the_token_is_no_secret_of_the_stack_and_no_guess(deployed):
    assert len(deployed.version_token) == 32
    assert set(deployed.version_token) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: [],
        lambda token: [("x-model-version", "")],
        lambda token: [("x-model-version", "0" * 32)],
        lambda token: [("x-model-version", token.upper() if token.upper() != token else token + "A")],
        lambda token: [("x-model-version", f"{token}x")],
        lambda token: [("x-model-version", token), ("x-model-version", token)],
        lambda token: [("x-model-version", token), ("x-model-version", "0" * 32)],
        lambda token: [("x-model-version", f"{token}, {token}")],
        lambda token: [("x_model_version", token)],
        lambda token: [("x-model_version", token)],
    ],
)
def test_without_the_deployed_versions_token_an_answer_is_private(deployed, model, spoil):
    for _ in range(2):
        reply = deployed.get_query(f"input={encoded(BODY)}", None, spoil(deployed.version_token))
        assert (reply.answer, is_public(reply)) == (model.answer_to(BODY), False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "a") for name in KEY_HEADERS if name not in ("host", "content-type")),
        ("accept", "text/csv"),
        ("accept", "application/json;v=1"),
        ("accept", "application/json, text/csv"),
        ("accept", "*/*, text/csv"),
        ("x-amzn-sagemaker-something-new", "a"),
        ("x-amzn-sagemaker-session-id", "NEW_SESSION"),
        ("authorization", "Bearer a"),
        ("cookie", "a=b"),
        ("cache-control", "no-cache"),
        ("pragma", "no-cache"),
        ("origin", "https://app.test"),
        ("content_type", "text/csv"),
        ("accept_", "text/csv"),
        ("x-http-method-override", "PUT"),
        ("content-encoding", "gzip"),
    ],
)
def test_what_changes_the_answer_makes_it_private(deployed, model, name, value):
    token = deployed.version_token
    private = name != "accept_"  # means nothing to anybody
    spoiled = deployed.get_query(f"input={encoded(BODY)}", None, {"x-model-version": token, name: value})
    assert is_public(spoiled) is not private
    assert is_public(deployed.get(DOCUMENT, x_model_version=token))


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, */*", "*/*,application/json"])
def test_asking_for_json_is_no_difference(deployed, model, accept):
    assert is_public(deployed.get(DOCUMENT, x_model_version=deployed.version_token, accept=accept))


def test_the_models_own_key_headers_are_in_the_edges_key(deploy, model):
    deployed = deploy(access=OPEN, cache={**SHARED, "key_headers": ["x-tenant", "Prefer"]})
    for headers in ({"x-tenant": "a"}, {"x-tenant": "b", "prefer": "c"}):
        for hit in (False, True):
            given = {"x-model-version": deployed.version_token, **headers}
            reply = deployed.get_query(f"input={encoded(BODY)}", None, given)
            assert (reply.hit, is_public(reply)) == (hit, True)
    assert is_public(deployed.get(DOCUMENT, x_model_version=deployed.version_token, accept="a/b")) is False


def test_a_post_is_never_public(deployed, model):
    for _ in range(2):
        assert not is_public(deployed.ask(DOCUMENT, x_model_version=deployed.version_token))
    model.behaviour = Behaviour(headers=(("Cache-Control", "max-age=60"),))
    reply = deployed.ask(body=b"5", x_model_version=deployed.version_token)
    assert "public" not in reply.headers["cache-control"]
    assert all("x-model-version" not in call for call in model.calls)


def test_a_model_that_is_not_shareable_has_no_token_and_no_public_answer(deploy, model):
    deployed = deploy(access=OPEN)
    assert deployed.version_token == ""
    for token in ("", "0" * 32):
        assert not is_public(deployed.get(DOCUMENT, x_model_version=token))


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(status=500, headers=(("Cache-Control", "public, max-age=60"),)),
        Behaviour(headers=(("Set-Cookie", "a=b"),)),
        Behaviour(headers=(("Vary", "Cookie"),)),
        Behaviour(headers=(("Cache-Control", "private"),)),
        Behaviour(headers=(("Expires", "0"),)),
        Behaviour(headers=(("Pragma", "no-cache"),)),
        Behaviour(content_type="text/html"),
        Behaviour(chunked=True),
    ],
    ids=str,
)
def test_an_answer_that_must_not_be_stored_is_not_public(deployed, model, behaviour):
    model.behaviour = behaviour
    for _ in range(2):
        assert not is_public(deployed.get(DOCUMENT, x_model_version=deployed.version_token))
    assert len(model.calls) == 2


def test_a_bypassed_answer_is_not_public(deployed, model):
    model.behaviour = Behaviour(headers=(("Cache-Control", "public, max-age=60"),))
    for body in (b'{"stream": true}', b"5", b'{"a":1,"a":2}'):
        assert not is_public(deployed.get(body=body, x_model_version=deployed.version_token))
    assert not is_public(deployed.get(body=b"{", x_model_version=deployed.version_token))


def test_what_is_of_one_caller_is_not_in_a_public_answer(deploy, model):
    limited = {"mode": "open", "rate_limit": {"per_minute": 1_000, "per_hour": 10_000}}
    deployed = deploy(access={**limited, "cors": {"origins": ["https://a.test", "https://b.test"]}}, cache=SHARED)
    deployed.get(DOCUMENT, origin="https://a.test")
    for hit in (True, True):
        reply = deployed.get(DOCUMENT, x_model_version=deployed.version_token)
        assert (reply.hit, is_public(reply)) == (hit, True)
        names = set(reply.headers)
        assert not {name for name in names if "ratelimit" in name}
        assert not names & {"x-request-id", "access-control-allow-origin", "access-control-allow-credentials"}


def test_a_models_own_echo_of_an_origin_does_not_become_everybodys(deployed, model):
    model.behaviour = Behaviour(headers=(("Access-Control-Allow-Origin", "https://evil.test"),))
    deployed.get(DOCUMENT, origin="https://evil.test")
    reply = deployed.get(DOCUMENT, x_model_version=deployed.version_token)
    assert (is_public(reply), "access-control-allow-origin" in reply.headers) == (True, False)


def test_answers_for_any_origin_say_so(deploy, model):
    deployed = deploy(access={"mode": "open", "cors": {"origins": ["*"]}}, cache=SHARED)
    reply = deployed.get(DOCUMENT, x_model_version=deployed.version_token)
    assert (is_public(reply), reply.headers["access-control-allow-origin"]) == (True, "*")


def test_every_rollout_has_a_token_of_its_own_and_the_old_one_is_private(deployed, model):
    tokens = [deployed.version_token]
    for change in ({"version": "2"}, {"version": "a/b 1"}, {"cache": {**SHARED, "generation": 2}}):
        deployed.deploy(**change)
        for old in tokens:
            assert not is_public(deployed.get(DOCUMENT, x_model_version=old))
        tokens.append(deployed.version_token)
        assert is_public(deployed.get(DOCUMENT, x_model_version=tokens[-1]))
    assert len(set(tokens)) == 4


def test_answers_of_a_service_switched_by_hand_are_private(deployed, model, gateway):
    admin, _, settle = gateway
    token = deployed.version_token
    assert is_public(deployed.get(DOCUMENT, x_model_version=token))
    service = httpx.get(f"{admin}/services/{deployed.outputs['serviceId']}").json()
    httpx.patch(f"{admin}/services/{service['id']}", json={"path": "/other"}).raise_for_status()
    settle(lambda: not deployed.get(DOCUMENT, x_model_version=token).hit)
    for _ in range(2):
        assert not is_public(deployed.get(DOCUMENT, x_model_version=token))


@pytest.fixture
def behind_an_edge(deploy):
    return deploy(cache=SHARED, edge={"secrets": [LOCK], "key": EDGE_KEY})


def test_the_edge_is_let_in_for_a_version(behind_an_edge, model):
    deployed = behind_an_edge
    edge = {"x-origin-verify": LOCK, "x-model-version": deployed.version_token}
    for hit in (False, True):
        reply = deployed.get_query(f"input={encoded(BODY)}", None, edge)
        assert (reply.status, reply.hit, is_public(reply)) == (200, hit, True)
    lagging = deployed.get_query(f"input={encoded(BODY)}", None, {**edge, "x-model-version": "0" * 32})
    assert (lagging.status, lagging.answer, is_public(lagging)) == (200, model.answer_to(BODY), False)
    bypassed = deployed.get_query(f"input={encoded(BODY)}", None, {**edge, "cookie": "a=b"})
    assert (bypassed.status, is_public(bypassed)) == (200, False)
    assert all(not set(call) & {"apikey", "x-origin-verify", "x-model-version"} for call in model.calls)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-model-version": ""},
        {"x-model-version": "0" * 31},
        {"x-model-version": "0" * 33},
        {"x-model-version": "0" * 31 + "F"},
        {"x_model_version": "0" * 32},
    ],
    ids=str,
)
def test_the_edge_is_not_let_in_without_a_version(behind_an_edge, model, headers):
    reply = behind_an_edge.get_query(f"input={encoded(BODY)}", None, {"x-origin-verify": LOCK, **headers})
    assert (reply.status, reply.headers["cache-control"]) == (401, "private, no-store")
    assert not model.calls


def test_a_version_sent_twice_lets_nobody_in(behind_an_edge, model):
    twice = [("x-origin-verify", LOCK), ("x-model-version", "0" * 32), ("x-model-version", "0" * 32)]
    assert behind_an_edge.get_query(f"input={encoded(BODY)}", None, twice).status == 401


def test_a_post_needs_the_callers_own_key_at_the_edge_too(behind_an_edge, model):
    deployed = behind_an_edge
    edge = {"x-origin-verify": LOCK, "x-model-version": deployed.version_token}
    assert deployed.send(BODY, None, edge).status == 401
    assert deployed.send(BODY, "web", edge).answer == model.answer_to(BODY)


def test_the_edge_and_a_consumer_share_no_answers(behind_an_edge, model):
    deployed = behind_an_edge
    edge = {"x-origin-verify": LOCK, "x-model-version": deployed.version_token}
    deployed.get_query(f"input={encoded(BODY)}", None, edge)
    assert not deployed.get_query(f"input={encoded(BODY)}", "web", {"x-origin-verify": LOCK}).hit
    assert len(model.calls) == 2


def test_a_cdn_of_ones_own_sends_a_consumers_key_and_the_version(deploy, model):
    deployed = deploy(cache=SHARED)
    for hit in (False, True):
        reply = deployed.get(DOCUMENT, x_model_version=deployed.version_token)
        assert (reply.hit, is_public(reply)) == (hit, True)
    assert deployed.get(DOCUMENT, key=None, x_model_version=deployed.version_token).status == 401
