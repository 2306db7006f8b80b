"""Asks the gateway for chat completions and times them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiohttp

from local.model.chat.server import CACHED_TOKENS, PREFIX, PROMPT_TOKENS, REPLICA

_TIMEOUT_SECONDS = 60.0
_DONE = "[DONE]"
Message = Mapping[str, str]


@dataclass(frozen=True)
class ChatAnswer:
    """What came back for one turn.

    status: 0 when the connection failed. model: as the answer names it. reads: in how many parts it arrived.
    first_byte_ms, milliseconds: from sending to the first part of the text and to the end. sent_at, ended_at: seconds
    of time.perf_counter. is_whole: the answer did not end too early.
    """

    status: int
    sent_at: float
    ended_at: float
    first_byte_ms: float = 0.0
    text: str = ""
    model: str = ""
    replica: str = ""
    is_warm: bool = False
    prompt_tokens: int = 0
    cached_tokens: int = 0
    reads: int = 0
    is_whole: bool = False

    @property
    def milliseconds(self) -> float:
        return (self.ended_at - self.sent_at) * 1000

    @property
    def has_failed(self) -> bool:
        return self.status != 200 or not self.is_whole


class ChatClient:
    """Chat completions of one URL, for one caller, in an async with block.

    Usage:
        async with ChatClient("http://127.0.0.1:8000/v1/chat/completions", key="...") as client:
            answer = await client.ask("chat", [{"role": "user", "content": "Hello"}], tokens=32, is_streamed=True)

    A connection that fails is an answer with status 0.
    """

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> ChatClient:
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout, connector=connector)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._session
        await self._session.close()

    async def ask(
        self, model: str, messages: Sequence[Message], tokens: int, is_streamed: bool, key: str = ""
    ) -> ChatAnswer:
        """Ask once; `key` stands in for the client's own."""
        body = {"model": model, "messages": messages, "max_tokens": tokens, "stream": is_streamed}
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        started = time.perf_counter()
        assert self._session
        try:
            async with self._session.post(self._url, json=body, headers=headers) as response:
                return await _answer(response, started)
        except (TimeoutError, aiohttp.ClientError, OSError):
            return ChatAnswer(0, started, time.perf_counter())


async def _answer(response: aiohttp.ClientResponse, started: float) -> ChatAnswer:
    first_byte_at, reads, body = 0.0, 0, b""
    async for part in response.content.iter_any():
        first_byte_at = first_byte_at or time.perf_counter()
        reads += 1
        body += part
    ended = time.perf_counter()
    is_streamed = response.content_type == "text/event-stream"
    text, model, is_whole = _events(body) if is_streamed else _document(body)
    headers = response.headers
    return ChatAnswer(
        status=response.status,
        sent_at=started,
        ended_at=ended,
        first_byte_ms=((first_byte_at or ended) - started) * 1000,
        text=text,
        model=model,
        replica=headers.get(REPLICA, ""),
        is_warm=headers.get(PREFIX) == "warm",
        prompt_tokens=int(headers.get(PROMPT_TOKENS, 0)),
        cached_tokens=int(headers.get(CACHED_TOKENS, 0)),
        reads=reads,
        is_whole=is_whole,
    )


def _events(body: bytes) -> tuple[str, str, bool]:
    """Text, model, and whether the stream came to its end."""
    lines = body.decode(errors="replace").splitlines()
    datas = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    try:
        documents = [json.loads(data) for data in datas if data != _DONE]
        text = "".join(document["choices"][0]["delta"].get("content", "") for document in documents)
        return text, documents[0]["model"] if documents else "", _DONE in datas
    except (ValueError, LookupError, TypeError):
        return "", "", False


def _document(body: bytes) -> tuple[str, str, bool]:
    try:
        document: Any = json.loads(body)
        return document["choices"][0]["message"]["content"], document["model"], True
    except (ValueError, LookupError, TypeError):
        return "", "", False
