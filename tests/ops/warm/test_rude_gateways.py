"""What answers at the URL may be anything."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from ops.warm import warming
from ops.warm.progress import Progress
from ops.warm.report import advice
from ops.warm.target import Target
from ops.warm.warming import UNREACHABLE, USELESS, WAIT, Stopped, Warming
from tests.ops.test_reaching_the_admin_api import self_signed

KEY = "k-0123456789abcdef"
STORED = b"Cache-Status: inference-edge; fwd=miss; stored\r\n"


def answer(status: str = "200 OK", headers: bytes = b"", body: bytes = b"{}") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n%b\r\n%b" % (status.encode(), len(body), headers, body)


class Rude:
    """It says to each question what `replies` gives for its body, and hangs up, or goes on and on with `endless`."""

    def __init__(self, replies: Callable[[bytes], bytes], endless: bytes, every_seconds: float) -> None:
        self.replies, self.endless, self.every_seconds = replies, endless, every_seconds
        self.heads: list[bytes] = []
        self.url = ""
        self.talks: set[asyncio.Task[None]] = set()
        self.together = 1
        """How many questions have to be there before one is answered."""
        self.are_there = asyncio.Event()

    def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.talks.add(asyncio.ensure_future(self._talk(reader, writer)))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            self.heads.append(head)
            length = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])
            body = await reader.readexactly(length)
            if len(self.heads) >= self.together:
                self.are_there.set()
            await self.are_there.wait()
            writer.write(self.replies(body))
            await writer.drain()
            while self.endless:
                await asyncio.sleep(self.every_seconds)
                writer.write(self.endless)
                await writer.drain()

    @property
    def target(self) -> Target:
        headers = {"content-type": "application/json", "accept": "*/*"}
        return Target(f"{self.url}/digits/predict", headers, {"apikey": KEY})

    async def warm(
        self, count: int = 1, concurrency: int = 1, timeout_seconds: float = 10
    ) -> tuple[Progress, Stopped | None]:
        progress = Progress()
        run = Warming(
            self.target,
            progress,
            per_second=1_000,
            concurrency=concurrency,
            timeout_seconds=timeout_seconds,
            on_step=lambda: None,
        )
        bodies = ((number, b'{"x": %d}' % number) for number in range(count))
        return progress, await asyncio.wait_for(run.run(bodies), 60)


@contextlib.asynccontextmanager
async def rude(
    replies: Callable[[bytes], bytes] | bytes,
    endless: bytes = b"",
    every_seconds: float = 0,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Rude]:
    gateway = Rude((lambda _: replies) if isinstance(replies, bytes) else replies, endless, every_seconds)
    server = await asyncio.start_server(gateway, "127.0.0.1", 0, ssl=tls)
    gateway.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield gateway
    finally:
        server.close()
        for talk in gateway.talks:
            talk.cancel()
        await asyncio.gather(*gateway.talks, return_exceptions=True)


def told(stopped: Stopped | None, gateway: Rude) -> str:
    assert stopped is not None
    return advice(stopped, "digits", gateway.target, "INFERENCE_EDGE_KEY")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
async def test_the_key_goes_nowhere_else(status: str) -> None:
    async with rude(answer()) as other:
        async with rude(answer(status, b"Location: %b/digits/predict\r\n" % other.url.encode())) as gateway:
            _, stopped = await gateway.warm(9)
        assert f"redirects ({status[:3]}), and nothing was sent on" in told(stopped, gateway)
        assert other.heads == []


@pytest.mark.parametrize("every_seconds", [0, 0.1], ids=["endless", "dripping"])
async def test_an_answer_without_end_is_given_up(every_seconds: float) -> None:
    headers = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"
    async with rude(headers, b"x" * 10_000 if not every_seconds else b"x", every_seconds) as gateway:
        _, stopped = await gateway.warm(timeout_seconds=0.3)
    assert stopped == Stopped("timeout")


async def test_a_bomb_is_not_unpacked() -> None:
    async with rude(answer(headers=b"Content-Encoding: gzip\r\n" + STORED, body=b"no gzip")) as gateway:
        progress, stopped = await gateway.warm()
    assert (progress.counts, stopped) == ({("stored", ""): 1}, None)


async def test_cookies_are_not_sent_back() -> None:
    async with rude(answer(headers=b"Set-Cookie: a=b\r\n" + STORED)) as gateway:
        await gateway.warm(3)
    assert len(gateway.heads) == 3
    assert not any(b"cookie" in head for head in gateway.heads)


@pytest.mark.parametrize(
    "reply", [b"", b"very-private answer\r\n\r\n", b"HTTP/1.1 200 OK\r\nvery-private\r\n\r\n", b"HTTP/1.1 200 OK\r\n"]
)
async def test_who_does_not_speak_http_is_not_quoted(reply: bytes) -> None:
    async with rude(reply) as gateway:
        _, stopped = await gateway.warm()
    assert stopped is not None and stopped.cause == UNREACHABLE
    assert f"no gateway answers at {gateway.url}/digits/predict: " in (shown := told(stopped, gateway))
    assert "very-private" not in shown
    assert KEY not in shown


async def test_a_certificate_that_is_not_trusted_is_told(tmp_path: Path) -> None:
    async with rude(answer(headers=STORED), tls=self_signed(tmp_path)) as gateway:
        _, stopped = await gateway.warm()
    assert f"the certificate at {gateway.url}/digits/predict is not trusted: " in told(stopped, gateway)
    assert gateway.heads == []


async def test_who_answers_and_is_no_gateway_is_told() -> None:
    async with rude(answer(headers=b"Cache-Status: another; hit\r\n")) as gateway:
        progress, stopped = await gateway.warm(30)
    assert progress.counts == {("bypassed", "no Cache-Status"): 20}
    assert stopped == Stopped(USELESS)


async def test_a_wait_of_years_ends_the_run() -> None:
    async with rude(answer("429 Too Many Requests", b"Retry-After: " + b"9" * 400 + b"\r\n")) as gateway:
        progress, stopped = await gateway.warm(9)
    assert stopped == Stopped(WAIT, "31536000")
    assert progress == Progress()


async def test_a_question_that_always_finds_the_model_busy_does_not_hold_up_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warming, "FIRST_PAUSE_SECONDS", 0.02)
    busy = answer("503 Service Unavailable")
    async with rude(lambda body: busy if body == b'{"x": 1}' else answer(headers=STORED)) as gateway:
        progress, stopped = await gateway.warm(300, concurrency=2)
    assert stopped is None
    assert progress.counts == {("stored", ""): 299, ("failed", "503"): 1}
    assert len(gateway.heads) == 299 + 6


async def test_more_at_once_than_a_client_has_connections_by_default_are_all_asked() -> None:
    async with rude(answer(headers=STORED)) as gateway:
        gateway.together = 120
        progress, stopped = await gateway.warm(150, concurrency=120)
    assert (progress.counts, stopped) == ({("stored", ""): 150}, None)


async def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    async with rude(answer("403 Forbidden")) as proxy, rude(answer(headers=STORED)) as gateway:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        progress, _ = await gateway.warm()
    assert progress.counts == {("stored", ""): 1}
    assert proxy.heads == []
