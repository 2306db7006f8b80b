"""Runs the deployed text of the viewer-request Function in QuickJS, with CloudFront's event around a request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import quickjs

IMPORT = "import crypto from 'crypto';\n"

# The one module that the Function imports, of which the engine has none, and a clock that the test sets.
_RUNTIME = """
const crypto = { createHmac: (name, secret) => {
  let content = '';
  const made = {
    update: (text) => { content += text; return made; },
    digest: (encoding) => hmac(name, secret, content, encoding),
  };
  return made;
} };
Date.now = () => milliseconds();
function run(event) { return JSON.stringify(handler(JSON.parse(event))); }
"""


@dataclass(frozen=True)
class Request:
    """A viewer's request. Headers with several values are tuples; the query is as in the URL."""

    method: str = "GET"
    uri: str = "/digits/predict"
    query: str = ""
    headers: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)

    def event(self) -> dict[str, Any]:
        """docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html"""
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        headers = {"host": ("edge.test",), **{name.lower(): _several(value) for name, value in self.headers.items()}}
        return {
            "version": "1.0",
            "context": {"eventType": "viewer-request"},
            "viewer": {"ip": "192.0.2.1"},
            "request": {
                "method": self.method,
                "uri": self.uri,
                "querystring": {name: _field(values) for name, values in query.items()},
                "headers": {name: _field(values) for name, values in headers.items()},
                "cookies": {name: {"value": value} for name, value in self.cookies.items()},
            },
        }


@dataclass(frozen=True)
class Answer:
    """What the viewer is told by the Function itself."""

    status: int
    headers: Mapping[str, str]
    message: str


@dataclass(frozen=True)
class Passed:
    """What goes on to the cache and the gateway; `fields` is the request as CloudFront gets it back."""

    method: str
    uri: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    fields: Mapping[str, Any]


class Viewer:
    """Usage: ``Viewer(source).send(Request(query="input=e30"))``, an Answer or what Passed."""

    def __init__(self, source: str, now: float = 1_000_000) -> None:
        self._context = quickjs.Context()
        self._context.add_callable("hmac", _hmac)
        self._context.add_callable("milliseconds", lambda: now * 1000.0)  # an int would be cut to 32 bits
        self._context.eval(_RUNTIME + source.removeprefix(IMPORT))
        self._run = self._context.get("run")

    def send(self, request: Request) -> Answer | Passed:
        result = json.loads(self._run(json.dumps(request.event())))
        headers = {name: field["value"] for name, field in result["headers"].items()}
        if "statusCode" in result:
            return Answer(result["statusCode"], headers, json.loads(result["body"])["message"])
        query = {name: field["value"] for name, field in result["querystring"].items()}
        return Passed(result["method"], result["uri"], query, headers, result)

    def answer(self, request: Request) -> Answer:
        """The Function's own answer; fails when the request goes on."""
        answer = self.send(request)
        assert isinstance(answer, Answer), answer
        return answer

    def passed(self, request: Request) -> Passed:
        """The request that goes on; fails when the Function answers itself."""
        passed = self.send(request)
        assert isinstance(passed, Passed), passed
        return passed


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _field(values: list[str] | tuple[str, ...]) -> dict[str, Any]:
    first = values[0]
    return {"value": first, **({"multiValue": [{"value": value} for value in values]} if len(values) > 1 else {})}


def _hmac(name: str, secret: str, content: str, encoding: str) -> str:
    assert (name, encoding) == ("sha256", "base64url")
    digest = hmac.new(secret.encode(), content.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
