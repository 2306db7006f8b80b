"""One replica of a chat model over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from local.model.chat.completion import Completion
from local.model.chat.prefix_cache import PrefixCache, block_chain, tokens_of
from local.model.chat.request import ChatRequest, InvalidRequestError
from local.model.chat.speed import Speed
from local.model.chat.text import generated

REPLICA, PROMPT_TOKENS, CACHED_TOKENS, PREFIX = "X-Replica", "X-Prompt-Tokens", "X-Cached-Tokens", "X-Prefix-Cache"
# A prompt of which this share had been computed before is warm.
WARM_SHARE = 0.8
_DRAIN_POLL_SECONDS = 0.01


class ChatServer:
    """Answers chat completions as a replica of vLLM does, with text that makes no sense.

    Usage:
        web.run_app(ChatServer("large-1", Speed(1.0), cache_blocks=1024, batch=8).app())

    POST /v1/chat/completions, /v1/completions   an answer, or with `stream` its events; 400 with {"error": ...}
    GET /ping                                    200 when the replica is ready, 503 while it drains
    GET /stats                                   what it has done, see `stats`
    POST /reset_prefix_cache                     gives up every cached block
    Every answer has X-Replica, X-Prompt-Tokens, X-Cached-Tokens and X-Prefix-Cache (warm or cold: see WARM_SHARE).
    batch: so many requests are worked on at once, the others wait.
    """

    def __init__(self, name: str, speed: Speed, cache_blocks: int, batch: int) -> None:
        self._name = name
        self._speed = speed
        self._cache = PrefixCache(cache_blocks)
        self._batch = asyncio.Semaphore(batch)
        self._in_flight = 0
        self._is_draining = False
        self._totals = {"requests": 0, "warm": 0, "prompt_tokens": 0, "cached_tokens": 0}

    def app(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._chat_completions)
        app.router.add_post("/v1/completions", self._completions)
        app.router.add_get("/ping", self._ping)
        app.router.add_get("/stats", self._stats)
        app.router.add_post("/reset_prefix_cache", self._reset)
        app.on_response_prepare.append(self._close_when_draining)
        return app

    @property
    def stats(self) -> dict[str, Any]:
        """Name, totals of requests, warm ones and tokens of prompts, cached blocks, and requests in flight."""
        return {
            "name": self._name,
            **self._totals,
            "cached_blocks": len(self._cache),
            "in_flight": self._in_flight,
            "draining": self._is_draining,
        }

    async def drain(self) -> None:
        """Say so at /ping, let connections close after their next answer, and return when no request is in flight."""
        self._is_draining = True
        while self._in_flight:
            await asyncio.sleep(_DRAIN_POLL_SECONDS)

    async def _chat_completions(self, request: web.Request) -> web.StreamResponse:
        return await self._asked(request, is_chat=True)

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        return await self._asked(request, is_chat=False)

    async def _asked(self, request: web.Request, is_chat: bool) -> web.StreamResponse:
        self._in_flight += 1
        try:
            asked = ChatRequest.parse(await request.read(), is_chat)
            async with self._batch:
                return await self._answer(request, asked)
        except InvalidRequestError as error:
            problem = {"message": str(error), "type": "invalid_request_error", "param": error.parameter, "code": None}
            return web.json_response({"error": problem}, status=400)
        finally:
            self._in_flight -= 1

    async def _answer(self, request: web.Request, asked: ChatRequest) -> web.StreamResponse:
        chain = block_chain(asked.model, asked.prompt)
        completion = Completion(asked, generated(asked.model, asked.prompt, asked.tokens), self._cache.use(chain))
        await asyncio.sleep(self._speed.reading_seconds(completion.prompt_tokens - completion.cached_tokens))
        self._cache.add(chain)
        headers = self._counted(completion)
        if asked.is_streamed:
            response: web.StreamResponse = await self._stream(request, completion, headers)
        else:
            await asyncio.sleep(self._speed.writing_seconds(asked.tokens))
            response = web.json_response(completion.document(), headers=headers)
        self._cache.add(block_chain(asked.model, asked.prompt + completion.text))
        return response

    async def _stream(
        self, request: web.Request, completion: Completion, headers: dict[str, str]
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={**headers, "Cache-Control": "no-cache"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        for piece in completion.pieces():
            await asyncio.sleep(self._speed.writing_seconds(tokens_of(len(piece))))
            await response.write(completion.event(piece))
        await response.write_eof(completion.last_events())
        return response

    def _counted(self, completion: Completion) -> dict[str, str]:
        is_warm = completion.cached_tokens >= WARM_SHARE * completion.prompt_tokens
        self._totals["requests"] += 1
        self._totals["warm"] += is_warm
        self._totals["prompt_tokens"] += completion.prompt_tokens
        self._totals["cached_tokens"] += completion.cached_tokens
        return {
            REPLICA: self._name,
            PROMPT_TOKENS: str(completion.prompt_tokens),
            CACHED_TOKENS: str(completion.cached_tokens),
            PREFIX: "warm" if is_warm else "cold",
        }

    async def _ping(self, _: web.Request) -> web.Response:
        status = "draining" if self._is_draining else "ready"
        return web.json_response({"status": status, "name": self._name}, status=503 if self._is_draining else 200)

    async def _stats(self, _: web.Request) -> web.Response:
        return web.json_response(self.stats)

    async def _reset(self, _: web.Request) -> web.Response:
        self._cache.clear()
        return web.json_response({"cached_blocks": 0})

    async def _close_when_draining(self, _: web.Request, response: web.StreamResponse) -> None:
        if self._is_draining:
            response.force_close()
            response.headers["Connection"] = "close"  # aiohttp has set its headers by now
