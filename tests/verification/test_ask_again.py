"""ask_again() gives the model's whole answer, or none: whatever comes over the wire."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verification.lua_parts import LuaParts

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\nConnection: close\r\n\r\n"
BODY = b'{"a":1}'
MAX_BYTES = 64
C = {
    "response_codes": {200: True, 203: True},
    "max_response_bytes": MAX_BYTES,
    "connect_milliseconds": 5000,
    "answer_milliseconds": 10_000,
    "ask_seconds": 15,
}


class Asking:
    """asking(b"HTTP/1.1 200 OK...") -> the answer, or None"""

    def __init__(self) -> None:
        self.parts = LuaParts()
        self._answer = b""
        self.parts.state[b"answer"] = lambda: self._answer
        self._ask_again = self.parts.load({"C": C}, "verification/ask_again", gives="ask_again")

    def __call__(self, answer: bytes = HEAD + BODY, *, fails: str = "", **question: Any) -> bytes | None:
        self._answer = answer
        self.parts.state[b"fails"] = fails.encode()
        self.parts.state[b"sockets"] = self.parts.table([])
        asked = {"host": "127.0.0.1", "port": 8000, "is_tls": False, "text": "POST / HTTP/1.1\r\n\r\n", **question}
        found = self._ask_again(self.parts.table(asked))
        [self.socket] = self.parts.sockets
        assert self.socket["closed"]
        return found


ASK = Asking()


@pytest.fixture
def ask() -> Asking:
    return ASK


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (HEAD + BODY, BODY),
        (HEAD + BODY + b"more", BODY),
        (HEAD.replace(b"\r\n", b"\n") + BODY, BODY),
        (HEAD.replace(b"HTTP/1.1 200 OK", b"HTTP/1.0 203") + BODY, BODY),
        (HEAD.replace(b"Content-Length: 7", b"CONTENT-LENGTH:7  ") + BODY, BODY),
        (HEAD.replace(b"7", b"0"), b""),
        (HEAD.replace(b"7", b"64") + b"x" * 64, b"x" * 64),
        (HEAD.replace(b"7", b"4") + b"\r\n\0\n", b"\r\n\0\n"),
    ],
)
def test_a_whole_answer_is_given_byte_by_byte(ask: Asking, answer: bytes, body: bytes) -> None:
    assert ask(answer) == body


def test_a_model_that_goes_on_and_on_is_left_when_its_time_is_over(ask: Asking) -> None:
    assert ask(fails="silent") is None
    assert ask.parts.state[b"slept"] == C["ask_seconds"]


@pytest.mark.parametrize("length", range(len(HEAD + BODY)))
def test_an_answer_that_is_cut_off_is_none(ask: Asking, length: int) -> None:
    assert ask((HEAD + BODY)[:length]) is None


@pytest.mark.parametrize(
    "line",
    [
        *(f"HTTP/1.1 {status} X" for status in (100, 204, 206, 304, 404, 500, 503, 2000)),
        "HTTP/2 200",
        "HTTP/1.1  200 OK",
        "HTTP/1.1 20",
        "ICY 200 OK",
        " HTTP/1.1 200 OK",
        "",
    ],
)
def test_another_status_is_no_answer(ask: Asking, line: str) -> None:
    assert ask(HEAD.replace(b"HTTP/1.1 200 OK", line.encode()) + BODY) is None


@pytest.mark.parametrize(
    "length",
    ["", " ", "seven", "-7", "+7", "0x7", "7.0", "7e0", "7, 7", "7 7", "nan", "inf", "65", "9" * 40, "\x00"],
)
def test_a_length_that_is_none_or_too_large_is_no_answer(ask: Asking, length: str) -> None:
    assert ask(HEAD.replace(b"7", length.encode()) + BODY * 20) is None


@pytest.mark.parametrize(
    "line",
    [
        b"Content-Encoding: gzip",
        b"content-encoding: identity",
        b"Transfer-Encoding: chunked",
        b"Content-Length: 5",
        b"Content-Length: 7",
    ],
)
def test_an_answer_whose_bytes_may_mean_something_else_is_none(ask: Asking, line: bytes) -> None:
    assert ask(HEAD.replace(b"Connection: close", line) + BODY) is None


def test_without_a_length_nobody_knows_whether_it_is_whole(ask: Asking) -> None:
    assert ask(HEAD.replace(b"Content-Length: 7\r\n", b"") + BODY) is None
    assert ask(HEAD.replace(b"Content-Length: 7", b" Content-Length: 7") + BODY) is None


@pytest.mark.parametrize("fails", ["connect", "sslhandshake", "send"])
def test_a_connection_that_fails_is_no_answer(ask: Asking, fails: str) -> None:
    assert ask(fails=fails, is_tls=True) is None
    assert ("sent" in ask.socket) is False


def test_the_connection_is_to_the_questions_address(ask: Asking) -> None:
    ask(host="[::1]", port=8443, is_tls=True, text="POST /x")
    socket = ask.socket
    assert (socket["host"], socket["port"], socket["sent"]) == (b"[::1]", 8443, b"POST /x")
    assert socket["handshake"] == b"nil false"
    assert [*socket["timeouts"].values()] == [5000, 10_000, 10_000]
    ask()
    assert "handshake" not in ask.socket


HEADS = st.lists(
    st.sampled_from([b"Content-Length: 7", b"Content-Length: 3", b"X: y", b":", b"Content-Length:", b"\x00\xff", b" 7"])
    | st.binary(max_size=12).filter(lambda line: b"\n" not in line and line.strip(b"\r")),
    max_size=4,
)


@settings(max_examples=800, deadline=None)
@given(HEADS, st.binary(max_size=80), st.sampled_from([b"\r\n", b"\n"]))
def test_any_head_ends_in_none_or_in_as_many_bytes_as_it_says(lines: list[bytes], body: bytes, end: bytes) -> None:
    found = ASK(end.join([b"HTTP/1.1 200 OK", *lines, b"", body]))
    if found is not None:
        assert [int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length")] == [
            len(found)
        ]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_garbage_is_no_answer(garbage: bytes) -> None:
    assert ASK(garbage) is None
