"""Upstreams of Kong and their targets."""

from __future__ import annotations

from typing import Any

from tests.policies.cases.case import Case
from tests.policies.cases.kong import plugin
from tests.policies.resources import UNKNOWN, Res

UPSTREAM, TARGET = "kong:index/upstream:Upstream", "kong:index/target:Target"
CHECKS: dict[str, Any] = {
    "active": {
        "healthy": {"interval": 2, "successes": 1},
        "unhealthy": {"interval": 2, "tcpFailures": 2, "timeouts": 2, "httpFailures": 0},
    },
    "passive": {"healthy": {"successes": 0}, "unhealthy": {"tcpFailures": 1, "timeouts": 0, "httpFailures": 0}},
}
SETS_HEADER = plugin("post-function", {"access": ['set_header("Xsession", slot)']})


def upstream(**props: Any) -> Res:
    return Res(UPSTREAM, "pool", {"name": "pool", "id": "u1", "healthchecks": CHECKS, **props})


def hashed(**props: Any) -> Res:
    """By a header."""
    return upstream(**{"hashOn": "header", "hashOnHeader": "Xsession", "hashFallback": "ip", **props})


def target(name: str, **props: Any) -> Res:
    given = {"target": f"{name}.internal:80", "weight": 100, "upstreamId": "u1", **props}
    return Res(TARGET, name, given, {"upstreamId": ["pool"]})


def checked(kind: str, group: str, **counts: int) -> Res:
    """An upstream with some counts changed."""
    checks = {name: {part: dict(values) for part, values in part_of.items()} for name, part_of in CHECKS.items()}
    checks[kind][group].update(counts)
    return upstream(healthchecks=checks)


PAIR = [target("a"), target("b")]
PASSIVE_ALONE = upstream(healthchecks={"passive": CHECKS["passive"]})

CASES = [
    Case(
        "kong-hash-header-name",
        [[upstream()], [hashed()], [upstream(hashOnHeader="x-session", hashOn="none")], [upstream(hashOn="ip")]],
        [
            (
                [hashed(hashOnHeader=header)],
                "has a name with - or _ in hashOnHeader, which Kong 3.9 does not find: one target gets every request",
            )
            for header in ("x-session", "x_session")
        ]
        + [
            (
                [hashed(hashFallback="header", hashFallbackHeader="x-user")],
                "has a name with - or _ in hashFallbackHeader, which Kong 3.9 does not find: one target gets every "
                "request",
            )
        ],
        [[hashed(hashOnHeader=UNKNOWN)], [upstream(hashOn=UNKNOWN, hashOnHeader="x-session")]],
    ),
    Case(
        "kong-hash-fallback",
        [
            [upstream(), *PAIR],
            [hashed(), *PAIR],
            [hashed(hashFallback="none"), target("a")],
            [hashed(hashFallback="none"), *PAIR, SETS_HEADER],
            [upstream(hashOn="cookie", hashOnCookie="session"), *PAIR],
            [upstream(hashOn="ip"), *PAIR],
        ],
        [
            ([resource, *PAIR, *more], "sends every request that has nothing to hash to one target")
            for resource, more in (
                (hashed(hashFallback="none"), []),
                (hashed(hashFallback="consumer"), []),
                (upstream(hashOn="consumer"), []),
                (hashed(hashFallback="none"), [SETS_HEADER.but(enabled=False)]),
            )
        ],
        [
            [hashed(hashFallback=UNKNOWN), *PAIR],
            [hashed(hashFallback="none"), *PAIR, plugin("post-function", UNKNOWN)],
        ],
    ),
    Case(
        "kong-target-health",
        [
            [upstream(), *PAIR],
            [upstream(healthchecks={"active": CHECKS["active"]}), *PAIR],
            [upstream(healthchecks=None)],
        ],
        [
            ([upstream(healthchecks=None), *PAIR], "goes on with targets that are dead"),
            ([upstream(healthchecks={}), target("a")], "goes on with targets that are dead"),
            ([PASSIVE_ALONE, *PAIR], "takes no target back that it has left out once"),
            ([checked("active", "healthy", successes=0), *PAIR], "takes no target back that it has left out once"),
            ([checked("active", "unhealthy", interval=0), *PAIR], "takes no target back that it has left out once"),
        ],
        [[upstream(healthchecks=UNKNOWN), *PAIR]],
    ),
    Case(
        "kong-health-count",
        [[upstream()], [upstream(healthchecks=None)], [checked("active", "unhealthy", timeouts=254)]],
        [
            (
                [checked(kind, group, **{name: 255})],
                f"has a count above 254 in healthchecks.{kind}.{group}.{name}, with which it fails",
            )
            for kind, group, name in (
                ("active", "healthy", "successes"),
                ("active", "unhealthy", "tcpFailures"),
                ("passive", "unhealthy", "httpFailures"),
            )
        ],
        [[upstream(healthchecks=UNKNOWN)], [upstream(healthchecks={"active": UNKNOWN})]],
    ),
    Case(
        "kong-target-weight",
        [PAIR, [target("a", weight=1)], [target("a", weight=None)]],
        [
            (
                [target("a", weight=0)],
                "has a weight of 0, which the provider does not send: it gets as many requests as one of 100",
            )
        ],
        [[target("a", weight=UNKNOWN)]],
    ),
]
