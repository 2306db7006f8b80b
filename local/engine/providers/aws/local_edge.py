"""HTTP to the local edge, which plays the resources of CloudFront."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from local.engine.errors import ProviderError
from local.engine.values import Properties

_TIMEOUT_SECONDS = 30.0
_SETTING = "aws:endpoints (cloudfront)"


class LocalEdge:
    """The resources of one local edge.

    Usage: ``LocalEdge("http://127.0.0.1:8002").put(type_, "E1", inputs, outputs)``. Raises ProviderError: with the
    edge's own message when it refuses, otherwise with what to do. Only for this machine: the inputs hold secrets.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri.rstrip("/")
        self._client = httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False)

    def put(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Create or replace; the same again changes nothing."""
        self._call("PUT", id_, {"type": type_, "id": id_, "inputs": inputs, "outputs": outputs})

    def has(self, id_: str) -> bool:
        """Whether it is there. What it holds is not told: the inputs hold secrets."""
        return self._call("GET", id_, missing_ok=True).status_code != 404

    def delete(self, id_: str) -> None:
        """Delete it; already gone is fine."""
        self._call("DELETE", id_, missing_ok=True)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _call(self, method: str, id_: str, body: Any = None, *, missing_ok: bool = False) -> httpx.Response:
        if not _is_on_this_machine(self._uri):
            raise ProviderError(
                f"{_SETTING} must be the local edge on this machine, like http://127.0.0.1:8002, not {self._uri}"
            )
        url = f"{self._uri}/resources/{quote(id_, safe='')}"
        where = f"{method} {url}"
        try:
            response = self._client.request(method, url, json=body)
        except httpx.ConnectError as error:
            raise ProviderError(
                f"{where}: cannot be reached ({error}); start the local edge (python -m local.edge), "
                f"or correct {_SETTING}"
            ) from error
        except httpx.HTTPError as error:
            raise ProviderError(
                f"{where}: no answer ({str(error) or type(error).__name__}); look at its log, then run again"
            ) from error
        refusal = _refusal(response)
        if response.is_success or (missing_ok and response.status_code == 404 and refusal is not None):
            return response
        if refusal is None:
            raise ProviderError(
                f"{where}: HTTP {response.status_code} without a JSON message: this is not the local edge's admin "
                f"address; correct {_SETTING}"
            )
        raise ProviderError(f"{where}: HTTP {response.status_code}, the local edge says: {refusal}")


def _refusal(response: httpx.Response) -> str | None:
    try:
        document = response.json()
    except ValueError:
        return None
    return str(document["message"]) if isinstance(document, dict) and "message" in document else None


def _is_on_this_machine(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        if parts.scheme not in ("http", "https"):
            return False
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
