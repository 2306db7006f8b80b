"""A local edge and a small origin on real ports, in the event loop of the test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from local.edge.admin import AdminApi
from local.edge.http_cache.object_store import ObjectStore
from local.edge.origin_client import OriginClient
from local.edge.registry import Registry
from local.edge.server import EdgeServer

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
ALL_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
TYPES = {
    "cachePolicy": "CachePolicy",
    "distribution": "Distribution",
    "function": "Function",
    "keyGroup": "KeyGroup",
    "originRequestPolicy": "OriginRequestPolicy",
    "publicKey": "PublicKey",
    "realtimeLogConfig": "RealtimeLogConfig",
    "responseHeadersPolicy": "ResponseHeadersPolicy",
    "vpcOrigin": "VpcOrigin",
}


@dataclass
class Received:
    method: str
    target: str
    headers: CIMultiDict[str]
    body: bytes


@dataclass
class Answer:
    status: int
    headers: CIMultiDict[str]
    body: bytes

    @property
    def x_cache(self) -> str:
        return self.headers.get("X-Cache", "").removesuffix(" from cloudfront")


def answer(status: int = 200, text: str = "x", **headers: Any) -> Any:
    """One of an origin's `answers`; Cache_Control="no-store" is that header."""
    return web.Response(status=status, text=text, headers={name.replace("_", "-"): headers[name] for name in headers})


@dataclass
class Origin:
    """An origin that records what it gets; `answers` (responses or handlers) go one by one, the last one stays."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    cache_control: str = "max-age=60"

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        headers = CIMultiDict((name.decode(), value.decode()) for name, value in request.raw_headers)
        self.received.append(Received(request.method, request.raw_path, headers, body))
        if not self.answers:
            text = f"answer {len(self.received)}"
            return web.Response(text=text, headers={"Cache-Control": self.cache_control})
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, web.Response):
            return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
        return await answer(request)


@dataclass
class Edge:
    """A running local edge with its parts at hand."""

    admin: str
    proxy: str
    registry: Registry
    store: ObjectStore
    session: aiohttp.ClientSession

    async def put(self, kind: str, resource_id: str, inputs: dict[str, Any], **outputs: str) -> tuple[int, Any]:
        return await self.put_type(f"aws:cloudfront/{kind}:{TYPES.get(kind, kind)}", resource_id, inputs, **outputs)

    async def put_type(self, type_: str, resource_id: str, inputs: dict[str, Any], **outputs: str) -> tuple[int, Any]:
        body = {"type": type_, "id": resource_id, "inputs": inputs, "outputs": outputs}
        url = URL(f"{self.admin}/resources/{quote(resource_id, safe='')}", encoded=True)
        async with self.session.put(url, json=body) as answer:
            return answer.status, await answer.json()

    async def must_put(self, kind: str, resource_id: str, inputs: dict[str, Any], **outputs: str) -> None:
        status, body = await self.put(kind, resource_id, inputs, **outputs)
        assert status == 200, body

    async def delete(self, resource_id: str) -> tuple[int, Any]:
        url = URL(f"{self.admin}/resources/{quote(resource_id, safe='')}", encoded=True)
        async with self.session.delete(url) as answer:
            return answer.status, await answer.json() if answer.status != 204 else None

    async def send(self, target: str = "/", method: str = "GET", headers: Any = None, body: Any = None) -> Answer:
        url = URL(f"{self.proxy}{target}", encoded=True)
        async with self.session.request(method, url, headers=headers, data=body, allow_redirects=False) as answer:
            return Answer(answer.status, CIMultiDict(answer.headers), await answer.read())

    async def send_raw(self, request: bytes) -> bytes:
        """What the edge sends until it closes the connection."""
        parts = urlsplit(self.proxy)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(request)
        reply = await reader.read()
        writer.close()
        await writer.wait_closed()
        return reply

    async def invalidate(self, *paths: str, reference: str = "1") -> None:
        body = (
            '<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Paths>'
            f"<Quantity>{len(paths)}</Quantity><Items>{''.join(f'<Path>{path}</Path>' for path in paths)}</Items>"
            f"</Paths><CallerReference>{reference}</CallerReference></InvalidationBatch>"
        )
        async with self.session.post(f"{self.admin}/2020-05-31/distribution/E1/invalidation", data=body) as answer:
            assert answer.status == 201, await answer.text()

    def age(self, seconds: float) -> None:
        """Let every stored answer, and the wait after a failure, be that much older."""
        for one in self.store:
            one.stored_at -= seconds
            one.retry_at -= seconds


def cache_policy(**changes: Any) -> dict[str, Any]:
    """The inputs of a policy with nothing in the key; `query`, `headers`, `cookies`: whitelists."""
    key: dict[str, Any] = {}
    for name, kind in (("query", "queryString"), ("headers", "header"), ("cookies", "cookie")):
        items = changes.pop(name, [])
        key[f"{kind}sConfig"] = {f"{kind}Behavior": "whitelist" if items else "none"}
        if items:
            key[f"{kind}sConfig"][f"{kind}s"] = {"items": items}
    for coding in ("Gzip", "Brotli"):
        key[f"enableAcceptEncoding{coding}"] = changes.pop(coding.lower(), False)
    policy = {"minTtl": 0, "defaultTtl": 0, "maxTtl": 3600, **changes}
    return {**policy, "parametersInCacheKeyAndForwardedToOrigin": key}


def behaviour(**changes: Any) -> dict[str, Any]:
    return {
        "allowedMethods": ["GET", "HEAD"],
        "cachedMethods": ["GET", "HEAD"],
        "targetOriginId": "origin",
        "viewerProtocolPolicy": "https-only",
        "cachePolicyId": "policy",
        **changes,
    }


def origin_inputs(port: int, **changes: Any) -> dict[str, Any]:
    config = {
        "httpPort": port,
        "httpsPort": 443,
        "originProtocolPolicy": "http-only",
        "originSslProtocols": ["TLSv1.2"],
        "originReadTimeout": changes.pop("originReadTimeout", 30),
    }
    return {
        "originId": "origin",
        "domainName": "127.0.0.1",
        "connectionAttempts": 1,
        "connectionTimeout": 5,
        "customOriginConfig": config,
        **changes,
    }


def distribution(port: int, default: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "enabled": True,
        "origins": [origin_inputs(port)],
        "defaultCacheBehavior": default or behaviour(),
        "restrictions": {"geoRestriction": {"restrictionType": "none"}},
        "viewerCertificate": {"cloudfrontDefaultCertificate": True},
        **changes,
    }


async def configure(edge: Edge, origin: Origin, policy: dict[str, Any] | None = None, **changes: Any) -> None:
    """Register a policy and the distribution E1 with one behaviour (`default`: its changes)."""
    await edge.must_put("cachePolicy", "policy", policy or cache_policy())
    default = behaviour(**changes.pop("default", {}))
    inputs = distribution(origin.port, default, **changes)
    await edge.must_put("distribution", "E1", inputs, domainName="d1.cloudfront.net")


async def with_function(edge: Edge, origin: Origin, code: str, **changes: Any) -> None:
    """As configure, with this code as viewer-request function."""
    inputs = {"name": "f", "runtime": "cloudfront-js-2.0", "code": code, "publish": True}
    await edge.must_put("function", "f", inputs, arn="arn:aws:cloudfront::000000000000:function/f")
    association = {"eventType": "viewer-request", "functionArn": "arn:aws:cloudfront::000000000000:function/f"}
    changes["default"] = {"functionAssociations": [association], **changes.get("default", {})}
    await configure(edge, origin, **changes)


@contextlib.asynccontextmanager
async def listening(handle: Any) -> AsyncIterator[int]:
    """The port of a server with this handler."""
    server = web.Server(handle, access_log=None, handler_cancellation=True, max_line_size=65536, max_field_size=65536)
    runner = web.ServerRunner(server, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def running_edge(capacity_bytes: int = 1 << 20, keys_before_url_map: bool = False) -> AsyncIterator[Edge]:
    registry, store, client = Registry(), ObjectStore(capacity_bytes), OriginClient()
    skipped = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
    async with (
        listening(AdminApi(registry, store).handle) as admin,
        listening(EdgeServer(registry, store, client, keys_before_url_map).handle) as proxy,
        aiohttp.ClientSession(
            skip_auto_headers=skipped, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as session,
    ):
        yield Edge(f"http://127.0.0.1:{admin}", f"http://127.0.0.1:{proxy}", registry, store, session)
    await client.close()
