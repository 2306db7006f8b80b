"""HTTP to Kong's Admin API, with errors that a person can act on."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import httpx

from local.engine.errors import ProviderError

_TIMEOUT_SECONDS = 30.0
_NAMED_SETTING = "kong:kongAdminUri"


class AdminApiError(ProviderError):
    """Kong refused a request: its status and message."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class AdminApi:
    """A client of one Admin API.

    Usage: ``AdminApi("http://127.0.0.1:8001", {"kong-admin-token": "..."}).call("PUT", "/services/...", body)``.
    Raises AdminApiError for an answer that is an error, ProviderError when there is none; messages hold no credential.
    """

    def __init__(
        self,
        uri: str,
        headers: dict[str, str],
        *,
        auth: tuple[str, str] | None = None,
        verify: bool = True,
        workspace: str = "",
    ) -> None:
        parts = urlsplit(uri)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ProviderError(
                f"{_NAMED_SETTING} must be a URL like http://127.0.0.1:8001, not {_without_credentials(uri)!r}"
            )
        self.shown_uri = _without_credentials(uri)
        self._client = httpx.Client(
            base_url=uri.rstrip("/") + (f"/{workspace}" if workspace else ""),
            headers=headers,
            auth=auth,
            verify=verify,
            timeout=_TIMEOUT_SECONDS,
            # Like the real provider: the proxy of the environment, but never for this machine.
            trust_env=parts.hostname not in ("localhost", "127.0.0.1", "::1"),
        )

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON of the answer, None for 204. `path` starts with a slash."""
        where = f"{method} {self.shown_uri}{path}"
        try:
            response = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise ProviderError(f"{where}: {self._no_answer(error)}") from error
        if response.status_code == 204:
            return None
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise AdminApiError(
                f"{where}: HTTP {response.status_code} with {_kind_of(response)} instead of JSON: this is not Kong's "
                f"Admin API; correct {_NAMED_SETTING}, or look at the gateway in front of it",
                response.status_code,
            )
        if response.is_success:
            return answer
        message = str(answer.get("message", answer)).rstrip(".")
        advice = self._advice(method, response.status_code, message)
        raise AdminApiError(f"{where}: HTTP {response.status_code}, Kong says: {message}{advice}", response.status_code)

    def find(self, path: str, matches: Any) -> dict[str, Any] | None:
        """The first entity of a collection for which `matches` is true."""
        next_path: str | None = f"{path}?size=1000"
        while next_path:
            page = self.call("GET", next_path)
            for entity in page["data"]:
                if matches(entity):
                    return entity
            next_path = page.get("next")
        return None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _no_answer(self, error: httpx.HTTPError) -> str:
        text = str(error) or type(error).__name__
        if "CERTIFICATE_VERIFY_FAILED" in text:
            return f"the certificate cannot be verified ({text}); correct it, or set kong:tlsSkipVerify to true"
        if "SSL" in text.upper() or "WRONG_VERSION_NUMBER" in text:
            return f"no TLS there ({text}); should {_NAMED_SETTING} start with http:// ?"
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return f"cannot be reached ({text}); start Kong, or correct {_NAMED_SETTING}"
        if isinstance(error, httpx.TimeoutException):
            return f"no answer within {_TIMEOUT_SECONDS:g} s; look at Kong's log, then run again"
        return f"the connection was cut ({text}); look at Kong's log, then run again"

    def _advice(self, method: str, status: int, message: str) -> str:
        if status in (401, 403):
            return "; correct kong:kongAdminToken (pulumi config set --secret kong:kongAdminToken ...)"
        if status == 404 and "no Route matched" in message:
            return f"; this is Kong's proxy port: point {_NAMED_SETTING} to the Admin API"
        if status == 405 and "not using a database" in message:
            return "; this Kong runs without a database, so nothing can be written to it"
        lost_parent = status == 404 and method != "GET" and message == "Not found"
        if lost_parent or (status == 400 and "does not reference an existing" in message):
            return "; Kong no longer has what was deployed: refresh, then up (make refresh, make up)"
        return ""


def _without_credentials(uri: str) -> str:
    parts = urlsplit(uri)
    return uri.replace(parts.netloc, parts.netloc.rpartition("@")[2], 1).rstrip("/") if parts.netloc else uri


def _kind_of(response: httpx.Response) -> str:
    kind = response.headers.get("content-type", "").partition(";")[0]
    return kind or json.dumps(response.text[:40])
