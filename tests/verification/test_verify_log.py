"""What the log phase asks the model, when, and what it makes of the answers."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.prediction_key import KEY_HEADERS
from components.verification.phases import stamp_of
from tests.verification.deployed_log import DeployedLog, Headers, response
from tests.verification.lua_parts import SECRET, SETTINGS

SENT = {*KEY_HEADERS, "x-tenant"} - {"host"}
STAMP = f"Xpredictionstamp: {stamp_of(SETTINGS)}http://model.internal:8080/v1".encode()
BODY, ANSWER = b'{"q": "a secret question"}', b'{"a": "a secret answer"}'


# The model takes its time, and there is another hit meanwhile.
_SLOW_ANSWER = """
local state, log, response = ...
return function()
  state.now = state.now + 44
  state.ctx = { prediction = { outcome = "hit", served = "1" } }
  log()
  return response
end
"""


@pytest.fixture
def log() -> DeployedLog:
    return DeployedLog()


def head_of(question: bytes) -> list[bytes]:
    head, _, _ = question.partition(b"\r\n\r\n")
    return head.split(b"\r\n")


def test_the_question_is_the_callers_on_the_gateways_own_path(log: DeployedLog) -> None:
    log.hit(BODY, ANSWER, ANSWER, {"content-type": "application/json", "host": "api.test", "apikey": "k1"})
    assert log.sent == [
        b"POST /-/shadow/digits HTTP/1.1\r\nHost: digits\r\nConnection: close\r\nContent-Length: 26\r\n"
        b"Xpredictionshadow: of-the-gateways-own-nodes\r\n"
        + STAMP
        + b"\r\ncontent-type: application/json\r\n\r\n"
        + BODY
    ]
    assert log.verified() == {"same": 1}


def test_the_query_goes_along_as_it_was_sent(log: DeployedLog) -> None:
    for query in (b"variant=b&n=%20x", b"", None):
        log.state[b"var"][b"args"] = query
        log.hit()
    lines = [head_of(question)[0] for question in log.sent]
    assert lines == [b"POST /-/shadow/digits?variant=b&n=%20x HTTP/1.1", *[b"POST /-/shadow/digits HTTP/1.1"] * 2]


def test_of_a_version_or_endpoint_there_is_one_stamp(log: DeployedLog) -> None:
    changes = ({}, {"version": "2"}, {"upstream_headers_digest": "0"}, {"ttl_seconds": 1})
    stamps = [stamp_of(dataclasses.replace(SETTINGS, **change)) for change in changes]  # type: ignore[arg-type]
    assert len(set(stamps)) == len(changes)
    log.state[b"service"] = log.parts.table({"protocol": "https", "host": "other", "port": 443})
    log.hit()
    assert head_of(log.sent[0])[5].endswith(b" https://other:443/")


CREDENTIALS = ["apikey", "authorization", "cookie", "proxy-authorization", "x-api-key"]
OWN = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "xpredictionshadow",
    "xpredictionstamp",
    "xpredictionkey",
]
OWN += ["expect"]


@pytest.mark.parametrize("name", [*CREDENTIALS, *OWN, "user-agent", "x-forwarded-for", "x-consumer", "accept-encoding"])
def test_nothing_else_goes_along(log: DeployedLog, name: str) -> None:
    log.hit(headers={name: "sent-by-the-caller"})
    assert b"sent-by-the-caller" not in log.sent[0]


@pytest.mark.parametrize("name", sorted({*SENT, "x-consumer-username", "x-consumer-id", "x-credential-identifier"}))
def test_what_is_in_the_key_and_who_asks_goes_along(log: DeployedLog, name: str) -> None:
    log.hit(headers={name: "a value"})
    assert f"{name}: a value".encode() in head_of(log.sent[0])


def test_a_header_that_was_sent_twice_is_sent_twice(log: DeployedLog) -> None:
    log.hit(headers={"x-tenant": ["b", "a"], "apikey": ["c", "d"]})
    assert head_of(log.sent[0])[6:] == [b"x-tenant: b", b"x-tenant: a"]


NAMES = st.sampled_from(
    [*sorted(SENT), *CREDENTIALS, *OWN, "x-consumer-id", "x-credential-identifier"]
) | st.from_regex(r"[a-z0-9!#$%&'*+.^_`|~-]{1,20}", fullmatch=True)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=20)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, VALUES | st.lists(VALUES, min_size=1, max_size=3), max_size=6), st.binary(max_size=30))
def test_names_and_values_are_sent_as_they_are_and_end_no_line(headers: Headers, body: bytes) -> None:
    LOG.hit(body, headers=headers)
    question = LOG.sent[-1]
    head = head_of(question)
    expected = [
        f"{name}: {value}".encode()
        for name, values in headers.items()
        if name in SENT or name.startswith(("x-consumer-", "x-credential-"))
        for value in (values if isinstance(values, list) else [values])
    ]
    assert head[:6] == [
        b"POST /-/shadow/digits HTTP/1.1",
        b"Host: digits",
        b"Connection: close",
        b"Content-Length: %d" % len(body),
        f"Xpredictionshadow: {SECRET}".encode(),
        STAMP,
    ]
    assert sorted(head[6:]) == sorted(expected)
    assert question.endswith(b"\r\n\r\n" + body)


@pytest.mark.parametrize(
    ("address", "port", "scheme", "connected"),
    [
        ("127.0.0.1", "8000", "http", (b"127.0.0.1", 8000, None)),
        ("10.0.3.7", "8443", "https", (b"10.0.3.7", 8443, b"nil false")),
        ("::1", "8000", "http", (b"[::1]", 8000, None)),
        ("2001:db8::7", "8443", "https", (b"[2001:db8::7]", 8443, b"nil false")),
        ("unix:/run/kong.sock", "", "http", (b"unix:/run/kong.sock", None, None)),
    ],
)
def test_a_node_asks_itself_where_the_hit_came_in(
    log: DeployedLog, address: str, port: str, scheme: str, connected: Any
) -> None:
    log.state[b"var"] = log.parts.table({"server_addr": address, "server_port": port, "scheme": scheme})
    log.hit()
    [socket] = log.parts.sockets
    assert (socket["host"], socket.get("port"), socket.get("handshake")) == connected


@pytest.mark.parametrize(
    ("now", "outcome", "asks"),
    [
        (b"1", "same", 1),
        ([b"2", b"2", b"2"], "wrong", 3),
        ([b"2", b"3"], "nondeterministic", 2),
        ([b"2", b"2", b"1"], "nondeterministic", 3),
        ([b"2", b"1"], "nondeterministic", 2),
        ([None], "failed", 1),
        ([b"2", None], "failed", 2),
        ([b"2", b"2", None], "failed", 3),
    ],
)
def test_an_answer_is_wrong_when_the_model_keeps_to_another(
    log: DeployedLog, now: Any, outcome: str, asks: int
) -> None:
    log.hit(served=b"1", now=now)
    assert log.verified() == {outcome: 1}
    assert len(log.sent) == asks


def test_answers_are_compared_as_the_arguments_say() -> None:
    log = DeployedLog(tolerances={"score": 0.1}, ignore_fields=("id",))
    log.hit(served=b'{"id":1,"score":0.50}', now=b'{"score":0.55,"id":2}')
    log.hit(served=b'{"id":1,"score":0.50}', now=b'{"score":0.65,"id":2}')
    assert log.verified() == {"same": 1, "wrong": 1}


@pytest.mark.parametrize("outcome", ["miss", "stale", "bypass", "off", "refused", "failed"])
def test_hits_alone_are_verified(log: DeployedLog, outcome: str) -> None:
    log.request({"outcome": outcome, "served": b"1"})
    log.request({"outcome": "hit"})
    log.request(None)
    assert log.finish() == 0


def test_one_is_verified_at_a_time_and_after_it_the_pace_is_kept() -> None:
    log = DeployedLog(max_per_second=4)
    for _ in range(3):
        log.begin(b"{}", b"1")
    assert log.finish() == 1
    assert log.metric("verification_skipped_total", "busy") == 2
    log.begin(b"{}", b"1")
    for work in log.state[b"timers"].values():
        work(False)
    log.parts.wait(0.24)
    log.begin(b"{}", b"1")
    assert log.metric("verification_skipped_total", "pace") == 1
    log.parts.wait(0.02)
    log.begin(b"{}", b"1")
    assert log.metric("verification_skipped_total", "pace") == 1
    assert len([*log.state[b"timers"].values()]) == 2


def test_a_verification_that_never_ends_holds_up_the_next_for_some_time_only(log: DeployedLog) -> None:
    log.begin(b"{}", b"1")
    log.parts.wait(44.9)  # an ask of 15 seconds, and a comparison
    log.begin(b"{}", b"1")
    assert log.metric("verification_skipped_total", "busy") == 1
    log.parts.wait(0.2)
    log.begin(b"{}", b"1")
    assert log.finish() == 2


def test_a_comparison_that_goes_on_stays_the_only_one(log: DeployedLog) -> None:
    log.begin(b"{}", b"1")
    log.state[b"answer"] = log.parts.run(_SLOW_ANSWER, log.state, log.phase, response(b"2"))
    assert log.finish() == 1
    assert log.verified() == {"wrong": 1}
    assert log.metric("verification_skipped_total", "busy") == 3


def test_none_begins_while_the_model_has_much_to_do() -> None:
    log = DeployedLog(max_in_flight=2)
    for _ in range(2):
        log.on_the_way()
        assert log.state[b"ctx"][b"prediction_in_flight"]
    log.begin(b"{}", b"1")
    assert (log.metric("verification_skipped_total", "load"), log.finish()) == (1, 0)
    log.state[b"ctx"] = log.parts.table({"prediction_in_flight": True})
    log.phase()
    log.begin(b"{}", b"1")
    assert log.finish() == 1


@pytest.mark.parametrize(("fails", "reason"), [("timer", "busy"), ("body", "spilled")])
def test_what_cannot_begin_leaves_the_next_one_free(log: DeployedLog, fails: str, reason: str) -> None:
    log.state[b"fails"] = fails.encode()
    log.begin(None if fails == "body" else b"{}", b"1")
    assert log.metric("verification_skipped_total", reason) == 1
    log.state[b"fails"] = b""
    log.begin(b"{}", b"1")
    assert log.finish() == 1


def test_a_worker_that_stops_asks_nobody(log: DeployedLog) -> None:
    log.begin(b"{}", b"1")
    assert log.finish(premature=True) == 1
    assert (log.sent, log.verified()) == ([], {})
    log.begin(b"{}", b"1")  # another worker, the model is free for it
    assert log.finish() == 1


def test_no_other_begins_while_a_comparison_of_the_generation_before_runs(log: DeployedLog) -> None:
    log.begin(b"{}", b"1")
    purged = log.after(generation=2)
    purged.begin(b"{}", b"1")
    assert log.metric("verification_skipped_total", "busy") == 1
    assert log.finish() == 1
    purged.begin(b"{}", b"1")
    assert log.finish() == 1


def test_a_comparison_that_outlasts_a_purge_leaves_the_new_generation_on(log: DeployedLog) -> None:
    for _ in range(4):
        log.hit(now=b"2")
    log.begin(b"{}", b"1", b"2")
    purged = log.after(generation=2)
    purged.request({"outcome": "miss"})
    assert log.finish() == 1
    assert log.parts.get("off") == "wrong"
    log.request({"outcome": "miss"})  # one that had begun before the purge
    assert log.metric("cache_off", "wrong") == 1
    assert purged.is_off() is None
    log.parts.wait(5)
    purged.request({"outcome": "miss"})
    assert log.metric("cache_off", "wrong") == 0


def test_requests_on_the_way_while_the_dictionary_is_emptied_do_not_hide_later_ones() -> None:
    log = DeployedLog(max_in_flight=1)
    for _ in range(3):
        log.on_the_way()
    log.parts.dictionary[b"flush_all"](log.parts.dictionary)
    log.on_the_way()
    for _ in range(4):
        log.state[b"ctx"] = log.parts.table({"prediction_in_flight": True})
        log.phase()
    log.on_the_way()
    log.begin(b"{}", b"1")
    assert (log.metric("verification_skipped_total", "load"), log.finish()) == (1, 0)


def test_an_error_is_a_failure_without_a_question_or_an_answer_in_the_log(log: DeployedLog) -> None:
    def fail() -> bytes:
        raise RuntimeError("no socket")

    log.begin(BODY, ANSWER)
    log.state[b"answer"] = fail
    log.finish()
    assert log.verified() == {"failed": 1}
    [line] = log.parts.logged
    assert line.startswith("verification: ") and "secret" not in line


@pytest.mark.parametrize(("now", "cause"), [([b"2"], "wrong"), ([b"2", b"3"], "nondeterministic")])
def test_a_cache_that_is_off_says_so_and_shows_no_answer(log: DeployedLog, now: Any, cause: str) -> None:
    assert [log.metric("cache_off", name) for name in ("wrong", "nondeterministic")] == [0, 0]
    for _ in range(5):
        log.hit(BODY, ANSWER, now)
    assert log.parts.get("off") == cause
    assert log.metric("cache_off", cause) == 0  # a comparison of a generation that is gone must not show it
    log.request({"outcome": "bypass", "detail": "mismatch"})
    shown = {name: log.metric("cache_off", name) for name in ("wrong", "nondeterministic")}
    assert shown == {"wrong": 0, "nondeterministic": 0} | {cause: 1}
    assert log.parts.logged == [
        f"the cache of digits is off: too many of its answers are {cause}. Look at the model; a new generation "
        "(make purge) or version switches the cache on again"
    ]


@pytest.mark.parametrize("cause", ["wrong", "nondeterministic"])
def test_a_node_that_another_told_shows_it_too(log: DeployedLog, cause: str) -> None:
    log.parts.put("off", cause)  # as shared_off.lua does
    log.request({"outcome": "bypass", "detail": "mismatch"})
    assert log.metric("cache_off", cause) == 1
    log.parts.put("off", None)
    log.request({"outcome": "miss"})
    assert log.metric("cache_off", cause) == 0


LOG = DeployedLog()
