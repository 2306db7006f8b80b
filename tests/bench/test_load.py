"""The load generator against servers that answer, end the connection, or are not there."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from local.bench.beside import beside
from local.bench.load import LoadError
from local.bench.load_run import LoadRun, Seen, ask, warm_up

Answer = Callable[[int], bytes]


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    """Serve requests without a body, each with the bytes for its number; b"" ends the connection instead."""
    started, stop = threading.Event(), asyncio.Event()
    address: list[str] = []
    loops: list[asyncio.AbstractEventLoop] = []
    count = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        try:
            while await reader.readuntil(b"\r\n\r\n{}"):
                count += 1
                reply = answer(count)
                writer.write(reply)
                if not reply or b"Connection: close" in reply:
                    break
        except asyncio.IncompleteReadError:
            pass
        writer.close()

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with await asyncio.start_server(handle, "127.0.0.1", 0) as listening:
            address.append(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/predict?n=1")
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    started.wait(10)
    try:
        yield address[0]
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join()


def reply(body: bytes = b"[1]", headers: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n{headers}\r\n".encode() + body


def test_notes_each_answer_once_with_its_time_and_status() -> None:
    with server(lambda number: reply(headers="Cache-Status: inference-edge; hit; ttl=3\r\n")) as url:
        run = ask(url, {}, [b"{}"], connections=2, seconds=0.2)
    assert [(seen.number, seen.status, seen.hit, seen.document) for seen in run.answers] == [(0, 200, True, [1])]
    assert run.answers[0].count == len(run.times_ms) > 2
    assert run.per_second == pytest.approx(len(run.times_ms) / run.seconds)
    assert 0 < run.percentile_ms(50) <= run.percentile_ms(99)


def test_goes_on_when_the_server_ends_a_connection_after_an_answer() -> None:
    with server(lambda number: reply(headers="Connection: close\r\n")) as url:
        assert len(ask(url, {}, [b"{}"], connections=1, seconds=0.2).times_ms) > 1
    with server(lambda number: reply() if number % 2 else b"") as url:  # and does not say so
        assert len(ask(url, {}, [b"{}"], connections=1, seconds=0.2).times_ms) > 1


def test_a_connection_that_ends_without_any_answer_is_an_error() -> None:
    with server(lambda number: b"") as url, pytest.raises(LoadError, match="closed without an answer"):
        ask(url, {}, [b"{}"], connections=1, seconds=0.2)


def test_an_answer_cut_short_is_an_error() -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n[1]"
    with server(lambda number: cut) as url, pytest.raises(LoadError, match="closed without an answer"):
        ask(url, {}, [b"{}"], connections=1, seconds=0.2)


def test_an_answer_without_a_length_is_an_error() -> None:
    with server(lambda number: b"HTTP/1.1 200 OK\r\n\r\n[1]") as url, pytest.raises(LoadError, match="Content-Length"):
        ask(url, {}, [b"{}"], connections=1, seconds=0.2)


def test_nobody_there_is_an_error_that_names_the_url() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/x"
    with pytest.raises(LoadError, match=url):
        ask(url, {}, [b"{}"], connections=1, seconds=0.2)


def test_asks_all_bodies_in_turn_and_reads_long_answers() -> None:
    bodies = [json.dumps({"answer_bytes": size}).encode() for size in (100, 200_000)]
    with beside("model", "local.bench.sized_model", []) as model:
        run = ask(model["endpoint"], {}, bodies, connections=2, seconds=0.3)
    assert {(seen.number, len(seen.body)) for seen in run.answers} == {(0, 100), (1, 200_000)}


def test_warms_up_until_there_are_only_hits() -> None:
    def first_misses(number: int) -> bytes:
        return reply(headers=f"X-Cache-Status: {'Hit' if number > 3 else 'Miss'}\r\n")

    with server(first_misses) as url:
        warm_up(url, {}, [b"{}"], connections=1)
        assert {seen.hit for seen in ask(url, {}, [b"{}"], 1, 0.05).answers} == {True}


def test_a_cache_that_never_hits_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.bench.load_run._WARM_SECONDS", 0.0)
    headers = "Cache-Status: inference-edge; fwd=bypass; detail=length\r\n"
    with server(lambda number: reply(headers=headers)) as url, pytest.raises(LoadError, match="detail=length"):
        warm_up(url, {}, [b"{}"], connections=1)


@pytest.mark.parametrize(
    ("cache_status", "hit"),
    [
        ("Hit", True),
        ("Miss", False),
        ("inference-edge; hit; ttl=1", True),
        ("inference-edge; fwd=miss", False),
        ("", False),
    ],
)
def test_knows_a_hit_of_either_kind(cache_status: str, hit: bool) -> None:
    assert Seen(0, 200, cache_status, "{}", 1).hit == hit


def test_percentiles_are_of_all_answers() -> None:
    run = LoadRun(2.0, [float(number) for number in range(1, 101)], [])
    assert (run.percentile_ms(50), run.percentile_ms(99), run.per_second) == (50.0, 99.0, 50.0)
