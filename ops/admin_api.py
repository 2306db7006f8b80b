"""Reading a Kong's Admin API, with every way of not reaching it told in words.

Usage::

    with AdminApi("http://127.0.0.1:8001", token=None) as api:
        root = api.get("/")           # a JSON object, or None for 404; raises AdminApiError
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from ops.findings import Finding

_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class Remedies:
    """How a user corrects the address and the token: `uri_option` named the address, if not the stack's file."""

    stack: str = "STACK"
    uri_option: str = ""

    @property
    def set_uri(self) -> str:
        """For the `fix` of a finding."""
        if self.uri_option:
            return f"{self.uri_option} URL"
        return f"pulumi config set kong:kongAdminUri URL --stack {self.stack}"

    @property
    def set_token(self) -> str:
        """For the `fix` of a finding; the command asks for the value."""
        return f"pulumi config set --secret kong:kongAdminToken --stack {self.stack}"


_REMEDIES = Remedies()


class AdminApiError(Exception):
    """The Admin API cannot be used; ``finding`` says why and what to do."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class AdminApi:
    """A client of one Admin API. ``token`` goes into the header Kong-Admin-Token and nowhere else."""

    def __init__(
        self, uri: str, token: str | None = None, *, tls_verify: bool = True, remedies: Remedies = _REMEDIES
    ) -> None:
        self._has_token, self._remedies = token is not None, remedies
        if token is not None and not (token.isascii() and token.isprintable()):
            message = "the admin token holds characters that a header cannot carry"
            raise _unusable("token", message, remedies.set_token)
        headers = {"Accept": "application/json"} | ({"Kong-Admin-Token": token} if token is not None else {})
        try:
            host = urlsplit(uri).hostname or ""
            self._client = httpx.Client(
                base_url=uri,
                headers=headers,
                timeout=_TIMEOUT_SECONDS,
                verify=tls_verify,
                trust_env=not _is_loopback(host),  # as Go's client, which the Kong provider uses
            )
        except (httpx.InvalidURL, ValueError):
            fix = f"correct it: {remedies.set_uri}"
            raise _unusable("reachable", "the Admin API's address is not a URL", fix) from None

    def __enter__(self) -> AdminApi:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def get(self, path: str) -> dict[str, Any] | None:
        """The JSON object at ``path``; None when Kong's Admin API has nothing there. Raises AdminApiError."""
        try:
            response = self._client.get(path)
        except httpx.HTTPError as error:
            raise AdminApiError(unreachable(error, self._remedies)) from error
        if response.status_code in (401, 403):
            raise AdminApiError(self._refused(response))
        return _json_object(response, self._remedies.set_uri)

    def list(self, path: str) -> Iterator[dict[str, Any]]:
        """Every entity of a collection, over all its pages."""
        following: str | None = path
        while following:
            page = self.get(following) or {}
            yield from page.get("data") or ()
            following = page.get("next")

    def _refused(self, response: httpx.Response) -> Finding:
        message = "refuses the admin token" if self._has_token else "wants a token"
        return Finding("token", f"the Admin API {message} ({response.status_code})", self._remedies.set_token)


def without_credentials(uri: str) -> str:
    """A URI as it may be shown: no user, password or query."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return "the configured address"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _unusable(check: str, message: str, fix: str) -> AdminApiError:
    return AdminApiError(Finding(check, message, fix))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def unreachable(error: httpx.HTTPError, remedies: Remedies = _REMEDIES) -> Finding:
    set_uri = remedies.set_uri
    if isinstance(error, httpx.UnsupportedProtocol):
        message = "the Admin API's address must begin with http:// or https://"
        return Finding("reachable", message, f"correct it: {set_uri}")
    if isinstance(error, httpx.TimeoutException):
        return Finding("reachable", f"no answer within {_TIMEOUT_SECONDS:g} s", "is a firewall in between?")
    tls = next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLError)), None)
    if isinstance(tls, ssl.SSLCertVerificationError):
        reason = f"its TLS certificate is not trusted ({tls.verify_message})"
        return Finding(
            "tls", reason, "trust its CA (SSL_CERT_FILE), or set kong:tlsSkipVerify to true where that is safe"
        )
    if tls is not None or "SSL" in str(error):
        return Finding("tls", "it does not speak TLS on this port", f"use http://, or its TLS port: {set_uri}")
    if isinstance(error, httpx.ConnectError):
        return Finding(
            "reachable", f"cannot connect: {_plain(error)}", f"start Kong, or correct the address: {set_uri}"
        )
    message = f"what answers there is not HTTP ({type(error).__name__})"
    return Finding("reachable", message, f"correct the address: {set_uri}")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _plain(error: httpx.ConnectError) -> str:
    text = str(error).lower()
    if "refused" in text:
        return "connection refused"
    return "unknown host" if "name" in text or "nodename" in text else "no connection"


def _json_object(response: httpx.Response, set_uri: str) -> dict[str, Any] | None:
    if response.is_redirect:
        target = without_credentials(response.headers.get("location", ""))
        raise _unusable("reachable", f"it redirects to {target}", f"use the Admin API's own address: {set_uri}")
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        if "HTTPS port" in response.text:
            raise _unusable("tls", "this port wants TLS", f"use https://: {set_uri}")
        kind = response.headers.get("content-type", "no content type").partition(";")[0]
        message = f"what answers there is not Kong's Admin API ({response.status_code}, {kind})"
        raise _unusable("reachable", message, f"the Admin API usually listens on port 8001: {set_uri}")
    if "no Route matched" in str(body.get("message", "")):
        message = "this is Kong's proxy port, not its Admin API"
        raise _unusable("reachable", message, f"the Admin API usually listens on port 8001: {set_uri}")
    if response.status_code == 404:
        return None
    if response.status_code != 200:
        raise _unusable("reachable", f"the Admin API answers {response.status_code}", "look into Kong's error log")
    return body
