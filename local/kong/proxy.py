"""The proxy: routes a request, lets Lua run the plugins, asks the upstream and answers."""

from __future__ import annotations

import itertools
import time
from typing import Any

import aiohttp
from aiohttp import web

from local.kong.exchange import BUFFERED_BYTES, HOP_BY_HOP, Exchange, header_block, header_pairs
from local.kong.gateway import Gateway
from local.kong.reply import StreamReply
from local.kong.request_body import read_body
from local.kong.upstream import Upstream, UpstreamError


class Proxy:
    """The proxy side of one gateway; `handle` answers an aiohttp request."""

    def __init__(self, gateway: Gateway, upstream: Upstream) -> None:
        self._gateway, self._upstream = gateway, upstream
        self._lua = gateway.lua.call
        self._ids = itertools.count(1)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await read_body(request)
        exchange = Exchange(next(self._ids), request, body, self._gateway)
        self._gateway.lua.bodies[exchange.id] = body
        try:
            return await self._run(exchange)
        finally:
            exchange.finish()
            if not exchange.ended:
                self._lua.cancel(exchange.id, time.time())
            self._gateway.coroutines.release(exchange.id)
            self._gateway.lua.forget_body(exchange.id)

    async def _run(self, exchange: Exchange) -> web.StreamResponse:
        event = exchange.start(self._lua)
        if event[0] == "await":
            event = await self._gateway.coroutines.finish(exchange.id, event)
        exchange.proxied_at = time.time()
        if event[0] == "proxy":
            return await self._proxy(exchange, event)
        return exchange.reply(event)

    async def _proxy(self, exchange: Exchange, event: Any) -> web.StreamResponse:
        try:
            answer = await exchange.send(self._upstream, event)
        except UpstreamError as error:
            return exchange.reply(self._lua.unreachable(exchange.id, time.time(), error.status, error.message))
        exchange.answered_at = time.time()
        async with answer:
            headers = [pair for pair in answer.raw_headers if pair[0].decode("latin-1").lower() not in HOP_BY_HOP]
            block = header_block(headers)
            length = answer.content_length
            whole = length is not None and length <= BUFFERED_BYTES or exchange.request.method == "HEAD"
            if not whole:
                return await self._stream(exchange, answer, block)
            try:
                body = await answer.read()
            except (TimeoutError, aiohttp.ClientError):
                return exchange.reply(self._lua.unreachable(exchange.id, time.time(), 502, None))
        return exchange.reply(self._lua.respond(exchange.id, time.time(), answer.status, block, body))

    async def _stream(self, exchange: Exchange, answer: aiohttp.ClientResponse, block: bytes) -> web.StreamResponse:
        event = self._lua.headers(exchange.id, time.time(), answer.status, block)
        if event[0] != "respond":
            return exchange.close()
        reply = StreamReply(status=int(event[1]), headers=exchange.headers(header_pairs(event[3]), True))
        await reply.prepare(exchange.request)
        try:
            async for chunk in answer.content.iter_any():
                out = self._lua.chunk(exchange.id, time.time(), chunk, False)
                if out is None:
                    return exchange.close()
                await reply.write(out.encode("latin-1"))
        except (TimeoutError, aiohttp.ClientError):
            return exchange.close()
        out = self._lua.chunk(exchange.id, time.time(), b"", True)
        if out is None:
            return exchange.close()
        await reply.write_eof(out.encode("latin-1"))
        return reply
