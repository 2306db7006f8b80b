"""Whatever the shared cache does, the answer is right, comes from the model in bounded time, and says why."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest

from tests.stores.conftest import RETRY_SECONDS, TIMEOUT_SECONDS, Gateway
from tests.stores.support import faults
from tests.stores.support.asking import Asking
from tests.stores.support.fault_row import HEADING, FaultRow
from tests.stores.support.faulty_redis import Fault, FaultyRedis

# A request looks up, joins a flight and may be sent to another address: a few time-outs at the most.
LONGEST_SECONDS = 10 * TIMEOUT_SECONDS + 2.0
LATER_REQUESTS = 12


@dataclass(frozen=True)
class Case:
    """A fault, the detail of the first request that meets it, and whether the server is left alone after it."""

    name: str
    fault: Fault | None
    detail: str | None
    leaves_alone: bool = True


WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"
OOM = "OOM command not allowed when used memory > 'maxmemory'."
CASES = [
    Case("connection refused", None, "store-connect"),
    Case("accepts, never answers", faults.hang, "store-timeout"),
    Case("a byte every 50 ms", faults.drip(0.05), "store-timeout"),  # no read lasts too long; the whole does
    Case("-LOADING", faults.error("LOADING Redis is loading the dataset in memory"), "store-loading"),
    Case("-CLUSTERDOWN", faults.error("CLUSTERDOWN The cluster is down"), "store-loading"),
    Case("-NOAUTH", faults.error("NOAUTH Authentication required."), "store-auth"),
    Case("-WRONGPASS", faults.error("WRONGPASS invalid username-password pair"), "store-auth"),
    Case("-NOPERM", faults.error("NOPERM User default has no permissions"), "store-auth"),
    Case("-OOM on SET", faults.error(OOM, "SET"), "store-full", leaves_alone=False),
    Case("-READONLY on SET", faults.error("READONLY You can't write", "SET"), "store-readonly", leaves_alone=False),
    Case("-WRONGTYPE on GET", faults.error(WRONG_TYPE, "GET"), "store-reply", leaves_alone=False),
    Case("unknown error", faults.error("ERR something new"), "store-reply"),
    Case("cut in a reply", faults.cut("GET"), "store-connect"),
    Case("reset in a reply", faults.cut("GET", reset=True), "store-connect"),
    Case("no RESP", faults.altered("GET", lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n"), "store-connect"),
    Case("a length without end", faults.altered("GET", lambda _: b"$999999999\r\nx"), "store-timeout"),
    Case("a negative length", faults.altered("GET", lambda _: b"$-5\r\n"), None, leaves_alone=False),
]


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


def test_the_answer_is_right_and_soon_and_says_why(
    case: Case, asking: Asking, faulty: FaultyRedis, tell: Callable[..., None]
) -> None:
    usual = statistics.median(asking.ask_new()[1] for _ in range(5))
    known = {"known": asking.next_number()}
    asking.wait_until_stored(known)
    faulty.forget()
    if case.fault is None:
        faulty.refuse()
    else:
        faulty.fault = case.fault

    calls = asking.calls
    reply, first = asking.ask(known)
    later = [asking.ask_new() for _ in range(LATER_REQUESTS)]

    details = [reply.detail, *(each.detail for each, _ in later)]
    row = FaultRow(
        fault=case.name,
        first_seconds=first,
        later_seconds=max(seconds for _, seconds in later),
        usual_seconds=usual,
        connections=faulty.connections,
        detail=", ".join(dict.fromkeys(detail for detail in details if detail)),
    )
    tell(HEADING, row.text())
    assert all(not each.hit for each, _ in later)
    assert asking.calls - calls == LATER_REQUESTS + (not reply.hit)
    assert reply.detail == case.detail or later[0][0].detail == case.detail
    assert max(first, *(seconds for _, seconds in later)) < LONGEST_SECONDS
    if case.leaves_alone:
        assert "store-down" in details
    faulty.heal()
    asking.wait_until_stored({"afterwards": asking.next_number()})


def test_a_server_that_is_broken_is_asked_once_an_interval(asking: Asking, faulty: FaultyRedis) -> None:
    faulty.at_connection = True
    faulty.fault = faults.hang
    asking.ask_new()
    faulty.forget()
    seconds, asked = 0.0, 0
    while seconds < 3 * RETRY_SECONDS:
        seconds += asking.ask_new()[1]
        asked += 1
    assert asked > 10
    assert 1 <= faulty.connections <= 4


def test_the_failures_are_a_metric_of_kong(asking: Asking, faulty: FaultyRedis, kong: Gateway) -> None:
    requires = httpx.get(kong.admin).json()["configuration"]["untrusted_lua_sandbox_requires"]
    if "kong.plugins.prometheus.exporter" not in requires:
        pytest.skip("this Kong's sandbox does not allow the module")
    faulty.fault = faults.error("LOADING Redis is loading the dataset in memory")
    asking.ask_new()
    name = f'kong_inference_edge_store_failures_total{{model="{asking.deployed.name}",reason="store-loading"}}'
    assert name in httpx.get(f"{kong.admin}/metrics").text
