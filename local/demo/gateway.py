"""What the demo asks the gateway: what is configured, how much was asked, whether a route has arrived at the proxy."""

from __future__ import annotations

import re
import time

import httpx

from local.demo.target import Target

KINDS = ("services", "routes", "plugins", "consumers", "upstreams", "key-auths", "acls")
_ARRIVAL_SECONDS = 20.0
_POLL_SECONDS = 0.1
_REQUESTS = re.compile(r"^kong_http_requests_total\{.*\} (\S+)$", re.MULTILINE)


def entities(admin: str) -> dict[str, list[str]]:
    """Return the names (or ids) of everything configured, by kind; kinds without any entity are left out."""
    with httpx.Client(base_url=admin, timeout=10) as client:
        found = {kind: _all(client, f"/{kind}") for kind in KINDS}
    return {kind: names for kind, names in found.items() if names}


def edge_resources(edge_admin: str) -> int:
    """Return how many resources the local edge holds."""
    return httpx.get(f"{edge_admin}/status", timeout=10).raise_for_status().json()["resources"]


def requests_counted(admin: str) -> int:
    """Return how many requests the gateway's metrics have counted, whoever answered them."""
    metrics = httpx.get(f"{admin}/metrics", timeout=10).raise_for_status().text
    return sum(int(float(count)) for count in _REQUESTS.findall(metrics))


def samples(admin: str, name: str) -> dict[str, float]:
    """Return what the gateway's metrics say under a name, by the text of the sample: name and labels."""
    metrics = httpx.get(f"{admin}/metrics", timeout=10).raise_for_status().text
    lines = [line.rsplit(" ", 1) for line in metrics.splitlines() if line.startswith(f"{name}{{")]
    return {sample: float(value) for sample, value in lines}


def wait_for_route(url: str) -> None:
    """Return when the proxy has a route for the URL: workers of a real Kong learn of a change some seconds later."""
    deadline = time.monotonic() + _ARRIVAL_SECONDS
    while True:
        # No key and no body, nor what an edge would send: the gateway answers, so the model's calls are not disturbed.
        answer = httpx.post(url, timeout=10)
        if answer.status_code != 404:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"the gateway has no route for {url} after {_ARRIVAL_SECONDS:g} s")
        time.sleep(_POLL_SECONDS)


def wait_for_version(target: Target, body: bytes, version: str) -> None:
    """Return when a gateway node asks that version of the model; of a change, nodes learn one after the other."""
    headers = {**target.headers, "Content-Type": "application/json", "Cache-Control": "no-cache"}
    deadline = time.monotonic() + _ARRIVAL_SECONDS
    while httpx.post(target.url, content=body, headers=headers, timeout=10).json().get("model_version") != version:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{target.url} does not ask version {version} after {_ARRIVAL_SECONDS:g} s")
        time.sleep(_POLL_SECONDS)


def _all(client: httpx.Client, path: str) -> list[str]:
    names: list[str] = []
    following: str | None = path
    while following:
        answer = client.get(following)
        if answer.status_code == httpx.codes.NOT_FOUND:  # the embedded gateway has only the kinds that it serves
            return names
        page = answer.raise_for_status().json()
        names += [entity.get("name") or entity.get("username") or entity["id"] for entity in page["data"]]
        following = page.get("next")
    return names
