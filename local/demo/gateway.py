"""What the demo asks the gateway's Admin API: what is there, and whether a route has arrived at the proxy."""

from __future__ import annotations

import time

import httpx

KINDS = ("services", "routes", "plugins", "consumers", "upstreams", "key-auths", "acls")
_ARRIVAL_SECONDS = 20.0
_POLL_SECONDS = 0.1


def entities(admin: str) -> dict[str, list[str]]:
    """Return the names (or ids) of everything configured, by kind; kinds without any entity are left out."""
    with httpx.Client(base_url=admin, timeout=10) as client:
        found = {kind: _all(client, f"/{kind}") for kind in KINDS}
    return {kind: names for kind, names in found.items() if names}


def wait_for_route(url: str) -> None:
    """Return when the proxy has a route for the URL: workers of a real Kong learn of a change some seconds later."""
    deadline = time.monotonic() + _ARRIVAL_SECONDS
    while True:
        # No key and no body: answered by the gateway itself, so the model's calls are not disturbed.
        answer = httpx.post(url, timeout=10)
        if answer.status_code != 404:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"the gateway has no route for {url} after {_ARRIVAL_SECONDS:g} s")
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
