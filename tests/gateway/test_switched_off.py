"""A cache that verification has switched off: all get the model's answers, and nothing else changes."""

from __future__ import annotations

import httpx

from tests.gateway.deployed import DeployedModel, encoded, with_store

STORES = ("proxy-cache", "memory", "redis", "sharded")

BODY = b'{"q": 0}'
SHARED = {"shareable": True, "ttl_seconds": 1_000, "verify": {"share": 1, "max_per_second": 1000}}
OPEN = {"mode": "open"}
LOCK = "the-secret-that-the-edge-sends"
EDGE = {"secrets": [LOCK], "key": "the-key-that-the-edge-is-let-in-with"}
SPOOFED = {"Xpredictionkey": "spoofed", "cache_control": "max-age=9"}


def switch_off(deployed: DeployedModel, model, headers: dict[str, str] | None = None) -> None:
    deployed.send(BODY, "web", headers or {})
    model.version = "2"
    for _ in range(3000):
        if deployed.send(BODY, "web", headers or {}).detail == "mismatch":
            return
    raise AssertionError("never")


def test_the_edge_is_still_let_in_and_keeps_nothing(deploy, model):
    deployed = deploy(cache=SHARED, edge=EDGE)
    asked = {"x-origin-verify": LOCK, "x-model-version": deployed.version_token}
    switch_off(deployed, model, {"x-origin-verify": LOCK})
    reply = deployed.get_query(f"input={encoded(BODY)}", None, asked)
    assert (reply.status, reply.answer, reply.detail) == (200, model.answer_to(BODY), "mismatch")
    assert reply.headers["cache-control"] == "private, no-store"
    assert deployed.get_query(f"input={encoded(BODY)}", None, {"x-origin-verify": LOCK}).status == 401


def test_a_shared_cache_is_still_refused_what_its_key_cannot_tell_apart(deploy, model):
    deployed = deploy(cache=SHARED, access=OPEN)
    switch_off(deployed, model)
    asked = {"x-amzn-sagemaker-new": "1", "x-model-version": deployed.version_token}
    refused = deployed.client.get(f"{deployed.url}?input={encoded(BODY)}", headers=asked)
    assert (refused.status_code, refused.headers["cache-control"]) == (400, "private, no-store")
    malformed = deployed.get(body=b"{")
    assert malformed.status == 400


def test_names_of_our_own_get_to_no_model(deploy, model):
    deployed = deploy(cache=SHARED, access=OPEN)
    switch_off(deployed, model)
    model.calls.clear()
    assert deployed.send(BODY, "web", SPOOFED).answer == model.answer_to(BODY)
    assert "spoofed" not in str(model.calls)


@with_store("memory")
def test_a_get_that_comes_while_the_cache_is_taken_away_gets_no_other_answer(deploy, model):
    deployed = deploy(cache={"enabled": False}, access=OPEN)
    made = httpx.get(f"{deployed.admin}/routes", params={"size": 1000}).json()["data"]
    [route] = [one["id"] for one in made if one["paths"] == [f"~{deployed.url}$"]]
    httpx.patch(f"{deployed.admin}/routes/{route}", json={"methods": ["POST", "GET"]}).raise_for_status()
    deployed._settle(lambda: deployed.client.get(deployed.url).status_code != 404)
    reply = deployed.get(body=BODY)
    assert (reply.status, reply.headers["cache-control"]) == (405, "private, no-store")
    assert deployed.send(BODY, "web", {}).answer == model.answer_to(BODY)
