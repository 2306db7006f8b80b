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
from local.kong.streaming import pieces
from local.kong.upstream import Upstream, UpstreamError

# Those of nginx's default proxy_hide_header that Kong leaves hidden.
HIDDEN = {"x-pad", "x-accel-expires", "x-accel-redirect", "x-accel-limit-rate", "x-accel-buffering", "x-accel-charset"}
NOT_PASSED = HOP_BY_HOP | HIDDEN
UPSTREAM_LOST = (TimeoutError, aiohttp.ClientError)


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
        self._gateway.lua.attempts[exchange.id] = exchange.attempts
        try:
            return await self._run(exchange)
        finally:
            exchange.finish()
            if not exchange.ended:
                self._lua.cancel(exchange.id, time.time())
            self._gateway.coroutines.release(exchange.id)
            self._gateway.lua.forget(exchange.id)

    async def _run(self, exchange: Exchange) -> web.StreamResponse:
        if self._gateway.has_rewrite:
            event = await self._finished(exchange, exchange.rewrite(self._lua))
            if event[0] == "route":
                event = await self._finished(exchange, exchange.start_rewritten(self._lua, event))
        else:
            event = await self._finished(exchange, exchange.start(self._lua))
        exchange.proxied_at = time.time()
        if event[0] == "proxy":
            return await self._proxy(exchange, event)
        return exchange.reply(event)

    async def _finished(self, exchange: Exchange, event: Any) -> Any:
        if event[0] == "await":
            return await self._gateway.coroutines.finish(exchange.id, event)
        return event

    async def _proxy(self, exchange: Exchange, event: Any) -> web.StreamResponse:
        try:
            answer = await exchange.send(self._upstream, event)
        except UpstreamError as error:
            return exchange.reply(self._lua.unreachable(exchange.id, time.time(), error.status, error.message))
        exchange.answered_at = time.time()
        async with answer:
            names = ((pair, pair[0].decode("latin-1").lower()) for pair in answer.raw_headers)
            block = header_block(pair for pair, name in names if name not in NOT_PASSED)
            length = answer.content_length
            if exchange.request.method != "HEAD" and (length is None or length > BUFFERED_BYTES):
                return await self._stream(exchange, answer, block)
            body = bytearray()
            try:
                async for piece in answer.content.iter_any():
                    body += piece
            except UPSTREAM_LOST:
                return await self._stream(exchange, answer, block, bytes(body))  # then the connection ends
        exchange.attempts.ended()
        return exchange.reply(self._lua.respond(exchange.id, time.time(), answer.status, block, bytes(body)))

    async def _stream(
        self, exchange: Exchange, answer: aiohttp.ClientResponse, block: bytes, begun: bytes = b""
    ) -> web.StreamResponse:
        event = self._lua.headers(exchange.id, time.time(), answer.status, block)
        if event[0] != "respond":
            return exchange.close()
        reply = StreamReply(status=int(event[1]), headers=exchange.headers(header_pairs(event[3]), True))
        await reply.prepare(exchange.request)
        is_buffered = exchange.is_buffered(answer.headers)
        if not is_buffered:
            await reply.write(b"")  # the head goes at once, however long the first piece takes
        try:
            async for piece in pieces(answer.content, is_buffered, begun):
                out = self._lua.chunk(exchange.id, time.time(), piece, False)
                if out is None:
                    return exchange.close()
                await reply.write(out.encode("latin-1"))
        except aiohttp.ClientConnectionResetError:
            return exchange.close()  # the client has left
        except UPSTREAM_LOST:
            await reply.write(b"")
            self._lua.cut_off(exchange.id, time.time())
            return exchange.close()
        out = self._lua.chunk(exchange.id, time.time(), b"", True)
        if out is None:
            return exchange.close()
        await reply.write_eof(out.encode("latin-1"))
        return reply
