"""HTTP to the local edge, which plays the resources of a CDN."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from local.engine.errors import ProviderError
from local.engine.values import Properties

_TIMEOUT_SECONDS = 30.0


class LocalEdge:
    """The resources of one local edge.

    Usage: ``LocalEdge("http://127.0.0.1:8002", "aws:endpoints (cloudfront)").put(type_, "E1", inputs, outputs)``; the
    setting is where the address comes from. Raises ProviderError: with the edge's own message when it refuses,
    otherwise with what to do. Only for this machine: the inputs hold secrets.
    """

    def __init__(self, uri: str, setting: str) -> None:
        self._uri, self._setting = uri.rstrip("/"), setting
        self._client = httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False)

    def require_ready(self) -> None:
        """Raise ProviderError unless it is the edge that answers."""
        status = _document(self._call("GET", "/status"))
        if "resources" not in status:
            raise ProviderError(f"GET {self._uri}/status: {self._another_server}")

    def put(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> None:
        """Create or replace; the same again changes nothing."""
        self._call("PUT", _path(id_), {"type": type_, "id": id_, "inputs": inputs, "outputs": outputs})

    def has(self, id_: str) -> bool:
        """Whether it is there. What it holds is not told: the inputs hold secrets."""
        return self._call("GET", _path(id_), missing_ok=True).status_code != 404

    def delete(self, id_: str) -> None:
        """Delete it; already gone is fine."""
        self._call("DELETE", _path(id_), missing_ok=True)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def _another_server(self) -> str:
        return f"this is not the local edge's admin address; correct {self._setting}"

    def _call(self, method: str, path: str, body: Any = None, *, missing_ok: bool = False) -> httpx.Response:
        if not _is_on_this_machine(self._uri):
            raise ProviderError(
                f"{self._setting} must be the local edge on this machine, like http://127.0.0.1:8002, not {self._uri}"
            )
        url = f"{self._uri}{path}"
        where = f"{method} {url}"
        try:
            response = self._client.request(method, url, json=body)
        except httpx.ConnectError as error:
            raise ProviderError(
                f"{where}: cannot be reached ({error}); start the local edge (python -m local.edge), "
                f"or correct {self._setting}"
            ) from error
        except httpx.HTTPError as error:
            raise ProviderError(
                f"{where}: no answer ({str(error) or type(error).__name__}); look at its log, then run again"
            ) from error
        refusal = _refusal(response)
        if response.is_success or (missing_ok and response.status_code == 404 and refusal is not None):
            return response
        if refusal is None:
            raise ProviderError(f"{where}: HTTP {response.status_code} without a JSON message: {self._another_server}")
        raise ProviderError(f"{where}: HTTP {response.status_code}, the local edge says: {refusal}")


def _path(id_: str) -> str:
    return f"/resources/{quote(id_, safe='')}"


def _refusal(response: httpx.Response) -> str | None:
    message = _document(response).get("message")
    return None if message is None else str(message)


def _document(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _is_on_this_machine(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        if parts.scheme not in ("http", "https") or parts.port == 0:  # .port raises ValueError for what is no port
            return False
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
