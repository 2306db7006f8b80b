"""What Lua may ask of upstreams: the functions behind its kong.runloop.balancer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from local.kong.balancer.address import joined
from local.kong.balancer.balancer import Balancer
from local.kong.balancer.balancers import Balancers
from local.kong.balancer.status import balancer_health, target_health


def questions(balancers: Balancers) -> dict[str, Callable[[str], Any]]:
    """The functions by name, each of an upstream's id; None when there is no such upstream."""

    def asked(answer: Callable[[Balancer], Any]) -> Callable[[str], Any]:
        def ask(upstream_id: str) -> Any:
            balancer = balancers.get(upstream_id)
            return None if balancer is None else answer(balancer)

        return ask

    return {
        "balancer_state": asked(lambda balancer: (balancer.is_healthy, balancer.health.is_on)),
        "balancer_details": asked(lambda balancer: json.dumps(balancer_health(balancer)["details"])),
        "upstream_health": asked(lambda balancer: json.dumps(_by_target(balancer))),
    }


def _by_target(balancer: Balancer) -> dict[str, Any]:
    names = [joined(target.host, target.port) for target in balancer.targets]
    return {name: target_health(balancer, name)["data"] for name in names}
