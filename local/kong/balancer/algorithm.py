"""What the algorithms of a balancer have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from local.kong.balancer.target import Address


@dataclass
class Handle:
    """One request's way through its tries. `value`: what is hashed. `address`: of the present try; `failed`: before."""

    value: str
    address: Address | None = None
    failed: set[Address] = field(default_factory=set)


class Algorithm(Protocol):
    """Chooses one of the addresses that it was made of; made anew whenever they or their weights change."""

    def pick(self, handle: Handle) -> Address | None:
        """The address for the next try of this request, None when no address is available."""
        ...
