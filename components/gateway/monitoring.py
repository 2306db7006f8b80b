"""The arguments of a cached route -> what counts its requests and verifies its answers. Outputs, as in functions.py."""

from typing import Any, Optional

import pulumi

from .. import lua
from ..lua import Phases
from ..metrics.phases import Cost, Metrics
from ..pool.functions import Balancing
from ..prediction_key import KeySettings, post_function_phases
from ..verification.arguments import VERIFY
from ..verification.checks import check_cost, check_verify
from ..verification.phases import Verification
from .arguments import KongCachedRouteArgs
from .balancing import with_balancing
from .checks import COMPONENT
from .functions import Headers, timeouts_of


def metrics_of(args: KongCachedRouteArgs) -> pulumi.Output[Metrics]:
    """What counts the model's requests. Raises ArgumentError."""
    values: dict[str, Any] = {"version": args["version"], "cost": args.get("cost")}
    return pulumi.Output.from_input(values).apply(
        lambda known: Metrics(args["model"], known["version"], _cost(known["cost"]))
    )


def verification_of(args: KongCachedRouteArgs, path: pulumi.Output[str]) -> pulumi.Output[Verification]:
    """What verifies the model's answers; `path`: where a node asks the model again. Raises ArgumentError."""
    values: dict[str, Any] = {
        "verify": (args.get("cache") or {}).get("verify") or {},
        "path": path,
        "connect_seconds": timeouts_of(args)["connect_seconds"],
    }
    return pulumi.Output.from_input(values).apply(_verification)


def after_functions(
    metrics: Metrics,
    verification: Optional[Phases],
    balancing: Optional[Balancing],
    settings: Optional[KeySettings],
    key_secret: str,
    headers: Optional[Headers],
) -> Phases:
    """The phases of post-function of the service that calls the model."""
    phases = lua.merged(post_function_phases(settings, key_secret, headers), metrics.phases())
    return with_balancing(lua.merged(phases, verification or {}), balancing)


def _cost(cost: Optional[dict[str, Any]]) -> Optional[Cost]:
    if cost is None:
        return None
    check_cost(COMPONENT, "cost.", cost)  # type: ignore[arg-type]
    return Cost(
        per_call=cost.get("per_call") or 0,
        per_instance_hour=cost.get("per_instance_hour") or 0,
        concurrency=int(cost.get("concurrency") or 1),
        as_of=cost["as_of"],
    )


def _verification(known: dict[str, Any]) -> Verification:
    check_verify(COMPONENT, "cache.verify.", known["verify"])
    given = {**VERIFY, **{name: value for name, value in known["verify"].items() if value is not None}}
    return Verification(
        share=given["share"],
        max_mismatch_ratio=given["max_mismatch_ratio"],
        max_per_second=given["max_per_second"],
        max_in_flight=int(given["max_in_flight"]),
        tolerances={each["field"]: each["difference"] for each in given["tolerances"]},
        ignore_fields=tuple(given["ignore_fields"]),
        connect_seconds=known["connect_seconds"],
        path=known["path"],
    )
