"""One request on its way through the gateway: what Lua, the upstream and the client get of it."""

from __future__ import annotations

import io
import json
import random
import re
import secrets
import time
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from local.kong.attempts import Attempts
from local.kong.balancer.hash_input import RequestFacts, hash_input
from local.kong.balancer.peers import Peers
from local.kong.gateway import VERSION, Gateway
from local.kong.reply import Reply
from local.kong.router import captures, escaped, normalized, upstream_path
from local.kong.upstream import OneHost, Outgoing, Tries, Upstream, UpstreamError

HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect"}
OVERWRITTEN = HOP_BY_HOP | {
    "host",
    "content-length",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-path",
    "x-forwarded-prefix",
    "x-real-ip",
    "x-kong-request-id",
    "via",
}
CHARSET_TYPES = {
    "text/html",
    "text/plain",
    "text/xml",
    "text/vnd.wap.wml",
    "application/javascript",
    "application/rss+xml",
}
BUFFERED_BYTES = 1 << 20
_RANDOM = random.Random(secrets.randbits(256))  # unique, as a request id has to be, and much faster than the system's


def header_pairs(block: str) -> list[tuple[str, str]]:
    """Lua's header block (name, newline, value, newline, ...) as pairs."""
    parts = block.split("\n")
    return list(zip(parts[::2], parts[1::2], strict=False)) if block else []


def header_block(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Pairs as the header block that Lua reads."""
    return b"".join(b"%b\n%b\n" % pair for pair in headers)


class Exchange:
    """One request on its way: what Lua and the upstream need of it, and the headers of its answer."""

    def __init__(self, number: int, request: web.BaseRequest, body: bytes, gateway: Gateway) -> None:
        self.id, self.request, self.body, self._gateway = number, request, body, gateway
        self.started = self.proxied_at = self.answered_at = time.time()
        self.ended = False
        self._request_id = f"{_RANDOM.getrandbits(128):032x}"
        transport = request.transport
        self._peer: tuple[str, int] = transport.get_extra_info("peername")[:2] if transport else ("", 0)
        self._port: int = transport.get_extra_info("sockname")[1] if transport else 0
        target = request.raw_path
        self._target = target if target[:1] == "/" else re.sub(r"^https?://[^/?]*", "", target, flags=re.I) or "/"
        self._raw_path, _, _ = self._target.partition("?")
        self._path = normalized(self._raw_path)
        self._method, self._headers = request.method, request.headers
        self._route: Mapping[str, Any] | None = None
        self._service: Mapping[str, Any] | None = None
        self._matched = ""
        self._tries: Tries | None = None
        self.attempts = Attempts()
        self._upstream_status: int | None = None
        self._cookie: str | None = None

    def start(self, lua: Any) -> Any:
        """Routes the request and runs the access phase until it waits or ends."""
        return self._route_request(lua.start, lua.refuse, *self._received())

    def rewrite(self, lua: Any) -> Any:
        """Runs the rewrite phase until it waits or ends; `start_rewritten` follows on its event `route`."""
        return lua.rewrite(self.id, self.started, *self._received())

    def start_rewritten(self, lua: Any, event: Any) -> Any:
        """As `start`, of what the rewrite phase has left."""
        _, self._method, block = event
        if block is not None:
            text = block.encode("latin-1").decode("utf-8", "surrogateescape")
            self._headers = CIMultiDict(header_pairs(text))
        return self._route_request(lua.start_rewritten, lua.refuse_rewritten)

    def _route_request(self, start: Any, refuse: Any, *received: Any) -> Any:
        authority = self._authority
        found = self._gateway.router.match(self._method, authority, self._port, self._path, self._headers)
        if found is None:
            return refuse(self.id, self.started, *received, 404, "no Route matched with those values")
        route, service, self._matched = found
        self._route, self._service = route, service
        if "http" not in route["protocols"]:
            status = route["https_redirect_status_code"]
            return refuse(self.id, self.started, *received, status, "Please use HTTPS protocol")
        if service is None:
            return start(self.id, self.started, *received, route["id"], None, "")
        path = escaped(upstream_path(route, service, self._path, self._matched))
        return start(self.id, self.started, *received, route["id"], service["id"], path)

    @property
    def _authority(self) -> str:
        return self._headers.get("Host", "")

    def _received(self) -> tuple[Any, ...]:
        """What came from the client, for Lua."""
        request = self.request
        version = f"HTTP/{request.version[0]}.{request.version[1]}"
        fields = (
            request.method,
            self._target,
            f"{request.method} {request.raw_path} {version}",
            version,
            self._peer[0],
            str(self._peer[1]),
            self._authority.partition(":")[0].lower(),
            str(self._port),
            "http",
            self._request_id,
            "",
        )
        return (
            self._path.encode("utf-8", "surrogateescape"),
            "\n".join(fields).encode("utf-8", "surrogateescape"),
            header_block(request.raw_headers),
            self._spilled(),
        )

    def _spilled(self) -> bool:
        """nginx holds a body in memory up to its buffer, and a quarter more when it knows the length."""
        limit = self._gateway.body_buffer_bytes
        return len(self.body) > (limit * 5 // 4 if "Content-Length" in self.request.headers else limit)

    async def send(self, upstream: Upstream, event: Any) -> aiohttp.ClientResponse:
        """Sends what the access phase left of the request."""
        _, method, path, query, host, scheme, block, changed_body, changes = event
        service, route = self._service, self._route
        assert service is not None and route is not None
        destination = {**service, **json.loads(changes)} if changes else service
        body: bytes = self.body if changed_body is None else changed_body.encode("latin-1")
        left = header_pairs(block)
        headers = self._upstream_headers(left)
        if len(body) > BUFFERED_BYTES:
            headers["Content-Length"] = str(len(body))
        request = Outgoing(
            scheme or service["protocol"],
            method,
            f"{path}?{query}" if query else path,
            headers,
            host or (self._authority if route["preserve_host"] else None),
            lambda: io.BytesIO(body) if len(body) > BUFFERED_BYTES else body or None,
            5 if destination["retries"] is None else destination["retries"],
            destination["connect_timeout"] / 1000,
            destination["read_timeout"] / 1000,
            service["tls_verify"],
        )
        self._tries = self._choose_tries(destination, left, query)
        try:
            answer = await upstream.send(request, self._tries, self.attempts)
        except UpstreamError as error:
            self._upstream_status = error.status
            raise
        self._upstream_status = answer.status
        return answer

    def _choose_tries(self, destination: Mapping[str, Any], headers: list[tuple[str, str]], query: str) -> Tries:
        """The targets of the upstream that the destination's host names, else the host itself."""
        assert self._route is not None
        balancer = self._gateway.balancers.find(destination["host"])
        if balancer is None:
            return OneHost(self._gateway.resolver, destination["host"], destination["port"])
        if destination.get("hash_value") is not None:
            return Peers(balancer, str(destination["hash_value"]))
        consumer = self._gateway.lua.call.identity(self.id)
        groups = captures(self._route, self._path)
        path = self._path.encode("utf-8", "surrogateescape").decode("latin-1")
        facts = RequestFacts(headers, query or "", path, self._peer[0], consumer, groups)
        found = hash_input(balancer.upstream, facts)
        self._cookie = found.cookie
        return Peers(balancer, found.value)

    def is_buffered(self, answer: Mapping[str, str]) -> bool:
        """The upstream's answer with these headers is gathered before it is passed on."""
        assert self._route is not None
        wish = answer.get("X-Accel-Buffering", "").lower()
        return wish == "yes" or (bool(self._route["response_buffering"]) and wish != "no")

    def finish(self) -> None:
        """The request is over, however it ended."""
        if self._tries is not None:
            self._tries.finish(self._upstream_status)

    def _upstream_headers(self, left: list[tuple[str, str]]) -> CIMultiDict[str]:
        assert self._route is not None
        forwarded = [value for name, value in left if name.lower() == "x-forwarded-for"]
        headers: CIMultiDict[str] = CIMultiDict(
            {
                "Via": f"1.1 kong/{VERSION}",
                "X-Forwarded-For": ", ".join([*forwarded, self._peer[0]]),
                "X-Forwarded-Proto": "http",
                "X-Forwarded-Host": self._authority.partition(":")[0],
                "X-Forwarded-Port": str(self._port),
                "X-Forwarded-Path": self._raw_path,
                "X-Real-IP": self._peer[0],
                "X-Kong-Request-Id": self._request_id,
            }
        )
        if self._route["strip_path"] and self._matched:
            headers["X-Forwarded-Prefix"] = self._matched
        headers.extend((name, value) for name, value in left if name.lower() not in OVERWRITTEN)
        return headers

    def headers(self, pairs: list[tuple[str, str]], proxied: bool) -> CIMultiDict[str]:
        """The client's headers: the plugins' and upstream's, then Kong's own."""
        headers: CIMultiDict[str] = CIMultiDict(pair for pair in pairs if pair[0].lower() not in HOP_BY_HOP)
        if proxied:
            headers["X-Kong-Upstream-Latency"] = str(max(0, int((self.answered_at - self.proxied_at) * 1000)))
            headers["X-Kong-Proxy-Latency"] = str(int((self.proxied_at - self.started) * 1000))
            headers["Via"] = f"1.1 kong/{VERSION}"
            if self._cookie is not None:
                headers.add("Set-Cookie", self._cookie)
        else:
            headers["X-Kong-Response-Latency"] = str(int((time.time() - self.started) * 1000))
        headers.setdefault("Server", f"kong/{VERSION}")
        content_type = headers.get("Content-Type", "")
        if content_type.partition(";")[0].strip() in CHARSET_TYPES and "charset=" not in content_type.lower():
            headers["Content-Type"] = f"{content_type}; charset=UTF-8"
        headers["X-Kong-Request-Id"] = self._request_id
        return headers

    def reply(self, event: Any) -> web.StreamResponse:
        """The answer that Lua made, or no answer at all; for Lua the request is over."""
        self.ended = True
        if event[0] != "respond":
            return self.close()
        _, status, proxied, block, body = event
        headers = self.headers(header_pairs(block), proxied)
        if self.request.method != "HEAD":
            headers.popall("Content-Length", None)
        if self._route is not None and "http" not in self._route["protocols"] and not proxied:
            self._ask_for_https(int(status), headers)
        return Reply(
            status=int(status), headers=headers, body=body.encode("latin-1") if self.request.method != "HEAD" else None
        )

    def _ask_for_https(self, status: int, headers: CIMultiDict[str]) -> None:
        if status == 426:
            headers["Upgrade"] = "TLS/1.2, HTTP/1.1"
        else:
            headers["Location"] = f"https://{self._authority.partition(':')[0]}{self._target}"

    def close(self) -> web.StreamResponse:
        """Closes the connection without (more of) an answer."""
        if self.request.transport is not None:
            self.request.transport.close()
        return Reply(status=500)
