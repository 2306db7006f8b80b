"""The health of an upstream's targets in the forms of the Admin API and of the prometheus plugin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local.kong.balancer.address import joined
from local.kong.balancer.balancer import Balancer
from local.kong.balancer.target import Address, Target

Status = dict[str, Any]
STATES = ("healthchecks_off", "healthy", "unhealthy", "dns_error")


def health_of_address(balancer: Balancer, target: Target, address: Address) -> str:
    """HEALTHY, UNHEALTHY, or HEALTHCHECKS_OFF when nothing is checked."""
    if not balancer.health.is_on or target.weight == 0:
        return "HEALTHCHECKS_OFF"
    return "HEALTHY" if address.available else "UNHEALTHY"


def target_health(balancer: Balancer, text: str) -> Status:
    """`health` and `data` of the target `host:port` in GET /upstreams/{upstream}/health."""
    target = next(one for one in balancer.targets if joined(one.host, one.port) == text)
    states = [health_of_address(balancer, target, address) for address in target.addresses]
    data = _target(target)
    for shown, address, state in zip(data["addresses"], target.addresses, states, strict=True):
        shown["health"] = state
        del shown["healthy"]
        assert shown["ip"] == address.ip
    health = "HEALTHY" if "HEALTHY" in states else next(iter(states), "DNS_ERROR")
    return {"health": health, "data": data}


def balancer_health(balancer: Balancer) -> Status:
    """`data` of GET /upstreams/{upstream}/health?balancer_health=1."""
    state = "HEALTHY" if balancer.is_healthy else "UNHEALTHY"
    return {
        "id": balancer.upstream["id"],
        "health": state if balancer.health.is_on else "HEALTHCHECKS_OFF",
        "balancer_health": state,
        "details": {
            "healthy": balancer.is_healthy,
            "weight": _weight(balancer.total_weight, balancer.unavailable_weight),
            "hosts": [_target(target) for target in balancer.targets],
        },
    }


def health_labels(balancer: Balancer) -> Iterator[tuple[tuple[tuple[str, str], ...], int]]:
    """Labels and values of the metric kong_upstream_target_health: 1 for the state that an address has."""
    for target in balancer.targets:
        states = [
            (joined(address.ip, address.port), health_of_address(balancer, target, address).lower())
            for address in target.addresses
        ] or [("", "dns_error")]
        for address, present in states:
            common = (
                ("upstream", balancer.upstream["name"]),
                ("target", joined(target.host, target.port)),
                ("address", address),
            )
            for state in STATES:
                yield (*common, ("state", state), ("subsystem", "http")), int(state == present)


def _target(target: Target) -> Status:
    addresses = [
        {"ip": address.ip, "port": address.port, "weight": address.weight, "healthy": address.available}
        for address in target.addresses
    ]
    return {
        "host": target.host,
        "port": target.port,
        "dns": target.error or ("AAAA" if ":" in target.host else "A"),
        "nodeWeight": target.weight,
        "weight": _weight(target.total_weight, target.unavailable_weight),
        # Kong's JSON has an empty Lua table as an object.
        "addresses": addresses or {},
    }


def _weight(total: int, unavailable: int) -> Status:
    return {"total": total, "unavailable": unavailable, "available": total - unavailable}
