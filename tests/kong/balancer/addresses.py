"""Targets with addresses for tests of the algorithms."""

from __future__ import annotations

from local.kong.balancer.algorithm import Algorithm, Handle
from local.kong.balancer.target import Address, Target


def target(text: str, weight: int = 100) -> Target:
    """A target `ip:port` with its one address."""
    made = Target.of(text, weight)
    made.addresses.append(Address(made.host, made.port, made.host, weight))
    return made


def picked(algorithm: Algorithm, value: str = "") -> str:
    """The `ip:port` that one request goes to; "" for none."""
    address = algorithm.pick(Handle(value))
    return f"{address.ip}:{address.port}" if address else ""
