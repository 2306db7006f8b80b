"""Nobody gets past the router: not by its own header, nor by another spelling of the path, nor by many headers."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.gateway.model_router.routed_models import ENTRY, RoutedModels


def asked(routed: RoutedModels, body: bytes, headers: Any = (), *, path: str = ENTRY) -> tuple[int, bytes]:
    """What http.client gets, which sends a path as it is written."""
    connection = http.client.HTTPConnection(urlsplit(str(routed.client.base_url)).netloc, timeout=60)
    connection.putrequest("POST", path)
    for name, value in [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers]:
        connection.putheader(name, value)
    connection.endheaders(body)
    reply = connection.getresponse()
    answer = reply.status, reply.read()
    connection.close()
    return answer


def test_the_model_does_not_learn_what_its_route_was_found_by(routed, alpha):
    assert routed.send(b'{"model": "alpha", "learns": "nothing"}', []).status_code == 200
    assert alpha.calls and not [call for call in alpha.calls if "xpredictionmodel" in call]


@pytest.mark.parametrize("spelling", ["Xpredictionmodel", "xpredictionmodel", "XPREDICTIONMODEL", "XpredictionModel"])
def test_a_forged_routing_header_changes_nothing(routed, alpha, beta, spelling):
    body = b'{"model": "alpha", "forged": true}'
    for forged in ([(spelling, "beta")], [(spelling, "beta"), (spelling, "gamma")]):
        answer = routed.send(body, forged)
        assert (answer.status_code, answer.json()["answer"]) == (200, alpha.answer_to(body))
        for nothing in (b'{"model": "nobody"}', b"{", b""):
            assert routed.send(nothing, [*forged, ("apikey", routed.key_of("web"))]).status_code in (400, 404)
            assert routed.send(nothing, forged).status_code == 401
        assert routed.client.get(ENTRY, headers=[*forged, ("apikey", routed.key_of("web"))]).status_code == 405
    assert not beta.calls


@pytest.mark.parametrize("name", ["X_predictionmodel", "X-Predictionmodel", "X-Prediction-Model"])
def test_names_that_are_only_alike_are_nothing(routed, alpha, beta, name):
    body = json.dumps({"model": "alpha", "q": name}).encode()
    assert routed.send(body, {name: "beta"}).json()["answer"] == alpha.answer_to(body)
    assert not beta.calls


@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat//completions",
        "/v1/./chat/completions",
        "/v1/x/../chat/completions",
        "/v1/%63hat/completions",
        "//v1/chat/completions",
        "/v1/chat/completions?model=beta",
        "http://api.test/v1/chat/completions",
    ],
)
def test_an_odd_spelling_of_the_path_is_looked_into_like_the_usual_one(routed, alpha, beta, path):
    forged = [("Xpredictionmodel", "beta"), ("apikey", routed.key_of("web"))]
    status, _ = asked(routed, b'{"model": "nobody"}', forged, path=path)
    assert status in (400, 404)
    body = json.dumps({"model": "alpha", "q": path}).encode()
    status, answer = asked(routed, body, forged, path=path)
    assert status == 400 or json.loads(answer)["answer"] == alpha.answer_to(body)
    assert not beta.calls


@pytest.mark.parametrize(
    "path",
    [f"{ENTRY}/", f"{ENTRY}x", f"/x{ENTRY}", ENTRY.upper(), f"{ENTRY}%2F", f"{ENTRY}%0A", f"{ENTRY}#x", f"{ENTRY};x"],
)
def test_another_path_leads_nowhere(routed, alpha, beta, path):
    forged = [("Xpredictionmodel", "beta"), ("apikey", routed.key_of("web"))]
    assert asked(routed, b'{"model": "alpha"}', forged, path=path)[0] in (400, 404, 503)
    assert not alpha.calls and not beta.calls


@pytest.mark.parametrize("count", [85, 95, 120])
def test_a_flood_of_headers_hides_nothing(routed, alpha, beta, count):
    flood = [(f"x-flood-{i}", "1") for i in range(count)]
    for place in (0, count):
        headers = [*flood[:place], ("Xpredictionmodel", "beta"), ("apikey", routed.key_of("web")), *flood[place:]]
        answer = routed.send(b'{"model": "nobody"}', headers)
        assert answer.status_code in (400, 401, 404, 431, 494)  # key-auth may not see its header, too
        body = b'{"model": "alpha", "flood": %d}' % count
        answer = routed.send(body, headers)
        assert answer.status_code in (400, 401, 431, 494) or answer.json()["answer"] == alpha.answer_to(body)
    assert not beta.calls
