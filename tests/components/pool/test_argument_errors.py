"""Every wrong argument of an InferencePool ends with these words."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components import ArgumentError
from components.pool.inference_pool import InferencePool
from local.engine import EngineError
from tests.components.pool.arguments import FIRST, discovered, pool, weighted
from tests.components.trial_stack import TrialStack

NUMBER = "must be a whole number from"
ADDRESS = "targets[0].address must be host:port such as 10.0.3.7:8080, an IPv6 address in brackets"
ONE_OF = "arguments must have exactly one of targets, discovery"
WRONG: dict[str, tuple[Any, str]] = {
    "no name": (pool(name=None), "name is missing"),
    "name": (pool(name="Chat"), "name must be 1 to 40 lower-case letters, digits and hyphens, letter first"),
    "no targets": (pool(targets=None), ONE_OF),
    "both kinds": ({**pool(), **discovered(), "targets": [{"address": FIRST}]}, ONE_OF),
    "unknown": (
        pool(target=[]),
        "target is not an argument; known are affinity, algorithm, circuit_breaker, discovery, health, host_header, "
        "name, protocol, targets",
    ),
    "empty list": (pool(targets=[]), "targets must be a list of 1 to 100 targets"),
    "too many": (
        pool(targets=[{"address": f"10.0.0.1:{port}"} for port in range(1, 102)]),
        "targets must be a list of 1 to 100 targets",
    ),
    "no list": (pool(targets=FIRST), "targets must be a list of 1 to 100 targets"),
    "no group": (pool(targets=[FIRST]), "targets[0] must be a group of arguments"),
    "unknown of a target": (
        pool(targets=[{"address": FIRST, "port": 80}]),
        "targets[0].port is not an argument; known are address, name, weight",
    ),
    "no address": (pool(targets=[{"weight": 1}]), "targets[0].address is missing"),
    "no port": (pool(targets=[{"address": "10.0.3.7"}]), ADDRESS),
    "port 0": (pool(targets=[{"address": "10.0.3.7:0"}]), ADDRESS),
    "large port": (pool(targets=[{"address": "10.0.3.7:65536"}]), ADDRESS),
    "a URL": (pool(targets=[{"address": "http://10.0.3.7:80"}]), ADDRESS),
    "no IPv4 address": (pool(targets=[{"address": "10.0.3.256:80"}]), ADDRESS),
    "no brackets": (pool(targets=[{"address": "2001:db8::1"}]), ADDRESS),
    "no IPv6 address": (pool(targets=[{"address": "[2001:db8::1::2]:80"}]), ADDRESS),
    "a space": (pool(targets=[{"address": " 10.0.3.7:80"}]), ADDRESS),
    "a number": (pool(targets=[{"address": 8080}]), ADDRESS),
    "twice": (
        pool(targets=[{"address": "a.test:80"}, {"address": "A.test:080"}]),
        "targets[1] is another target once more",
    ),
    "twice by name": (
        pool(targets=[{"name": "a", "address": "a.test:80"}, {"name": "a", "address": "b.test:80"}]),
        "targets[1] is another target once more",
    ),
    "name of a target": (
        pool(targets=[{"name": "a.b", "address": FIRST}]),
        "targets[0].name must be 1 to 40 lower-case letters, digits and hyphens, letter first",
    ),
    "negative weight": (pool(targets=weighted(1, -1)), f"targets[1].weight {NUMBER} 0 to 65535"),
    "large weight": (pool(targets=weighted(65_536)), f"targets[0].weight {NUMBER} 0 to 65535"),
    "weight in words": (pool(targets=[{"address": FIRST, "weight": "1"}]), f"targets[0].weight {NUMBER} 0 to 65535"),
    "all drained": (
        pool(targets=weighted(0, 0)),
        "targets must have one with a weight over 0: nobody would answer",
    ),
    "no DNS name": (discovered(name="10.0.3.7"), "discovery.name must be a DNS name without scheme and port"),
    "DNS name with port": (discovered(name="a.test:80"), "discovery.name must be a DNS name without scheme and port"),
    "DNS without a port": (pool(targets=None, discovery={"name": "a.test"}), "discovery.port is missing"),
    "DNS port": (discovered(port=0), f"discovery.port {NUMBER} 1 to 65535"),
    "unknown of discovery": (
        discovered(type="SRV"),
        "discovery.type is not an argument; known are name, port",
    ),
    "protocol": (pool(protocol="grpc"), "protocol must be one of http, https"),
    "host": (pool(host_header="http://a"), "host_header must be a host name, and a port if need be"),
    "algorithm": (
        pool(algorithm="latency"),
        "algorithm must be one of round-robin, least-connections, consistent-hashing",
    ),
    "nothing to hash": (
        pool(algorithm="consistent-hashing"),
        "algorithm consistent-hashing needs affinity: what is hashed?",
    ),
    "affinity without hashing": (
        pool(algorithm="least-connections", affinity={}),
        "affinity needs algorithm consistent-hashing",
    ),
    "affinity of no kind": (pool(affinity={"by": "ip"}), "affinity.by must be one of prompt, session, key"),
    "no group of affinity": (pool(affinity="prompt"), "affinity must be a group of arguments"),
    "the pool's header": (
        pool(affinity={"by": "session", "header": "xpredictionaffinity"}),
        "affinity.header may not be Xpredictionaffinity, the pool's own",
    ),
    "header": (pool(affinity={"by": "session", "header": "x y"}), "affinity.header must be a header's name"),
    "load": (pool(affinity={"max_load_factor": 0.9}), "affinity.max_load_factor must be a number from 1 to 10"),
    "unknown of health": (
        pool(health={"interval": 2}),
        "health.interval is not an argument; known are failures, interval_seconds, path, successes, timeout_seconds",
    ),
    "path": (
        pool(health={"path": "ping"}),
        "health.path must be a path such as /ping: letters, digits and . _ ~ : - without a query",
    ),
    "no interval": (pool(health={"interval_seconds": 0}), f"health.interval_seconds {NUMBER} 1 to 3600"),
    "half a second": (pool(health={"interval_seconds": 0.5}), f"health.interval_seconds {NUMBER} 1 to 3600"),
    "no time-out": (pool(health={"timeout_seconds": 0}), f"health.timeout_seconds {NUMBER} 1 to 60"),
    "never back": (pool(health={"successes": 0}), f"health.successes {NUMBER} 1 to 254"),
    "never out": (pool(health={"failures": 0}), f"health.failures {NUMBER} 1 to 254"),
    "connection failures": (
        pool(circuit_breaker={"connection_failures": 255}),
        f"circuit_breaker.connection_failures {NUMBER} 0 to 254",
    ),
    "time-outs": (pool(circuit_breaker={"timeouts": True}), f"circuit_breaker.timeouts {NUMBER} 0 to 254"),
    "errors": (pool(circuit_breaker={"errors": -1}), f"circuit_breaker.errors {NUMBER} 0 to 254"),
    "no status": (
        pool(circuit_breaker={"statuses": []}),
        "circuit_breaker.statuses must be different status codes from 400 to 599, at least one",
    ),
    "a good status": (
        pool(circuit_breaker={"statuses": [200]}),
        "circuit_breaker.statuses must be different status codes from 400 to 599, at least one",
    ),
}
RIGHT: dict[str, Any] = {
    "a header with a hyphen is only read": pool(affinity={"by": "session", "header": "x-session-id"}),
    "everything of the breaker off": pool(circuit_breaker={"connection_failures": 0, "timeouts": 0, "errors": 0}),
    "the largest count": pool(health={"failures": 254}, circuit_breaker={"errors": 254}),
    "one drained": pool(targets=weighted(0, 1)),
    "100 targets": pool(targets=[{"address": f"10.0.0.1:{port}"} for port in range(1, 101)]),
    "the largest weight": pool(targets=weighted(65_535)),
    "one host, two ports": pool(targets=[{"address": "a.test:80"}, {"address": "a.test:81"}]),
}


@pytest.mark.parametrize(("args", "words"), WRONG.values(), ids=list(WRONG))
def test_a_wrong_argument_is_refused_by_name(args: Any, words: str) -> None:
    with pytest.raises(ArgumentError) as error:
        InferencePool("p", args)
    assert str(error.value) == f"InferencePool: {words}"


@pytest.mark.parametrize("args", RIGHT.values(), ids=list(RIGHT))
def test_what_looks_odd_but_is_right_is_taken(stack: TrialStack, args: Any) -> None:
    stack.preview(lambda: InferencePool("p", args))


def test_an_address_that_is_not_known_yet_needs_a_name(stack: TrialStack) -> None:
    def program() -> None:
        with pytest.raises(ArgumentError, match=r"targets\[0\].name is missing: the address is not known yet"):
            InferencePool("p", pool(targets=[{"address": pulumi.Output.from_input(FIRST)}]))

    stack.preview(program)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (lambda late: pool(targets=[{"name": "a", "address": late("10.0.3.7")}]), ADDRESS),
        (lambda late: pool(health={"interval_seconds": late(0)}), f"health.interval_seconds {NUMBER} 1 to 3600"),
        (lambda late: pool(host_header=late("")), "host_header must be a host name, and a port if need be"),
        (lambda late: discovered(port=late(70_000)), f"discovery.port {NUMBER} 1 to 65535"),
    ],
)
def test_what_is_known_late_is_held_to_the_same_rules(stack: TrialStack, args: Any, words: str) -> None:
    with pytest.raises(EngineError) as error:
        stack.preview(lambda: InferencePool("p", args(pulumi.Output.from_input)))
    assert f"InferencePool: {words}" in str(error.value)
