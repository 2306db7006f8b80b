"""The Kong services of a model: the one that calls the model, and with shards the one that calls a node; and routes."""

from collections.abc import Sequence
from typing import Any, Optional

import pulumi
import pulumi_kong as kong

from .. import validation
from . import arguments as defaults
from .arguments import KongCachedRouteArgs
from .checks import COMPONENT
from .functions import connecting_attempts, longest_silence_seconds, retries_of, timeouts_of

_HOP_RETRIES = 10  # one node may refuse several times before Kong's workers all know that it is gone
_HOP_CONNECT_MILLISECONDS = 1000
_HOP_MARGIN_MILLISECONDS = 10_000


def model_service(
    resource_name: str, name: str, args: KongCachedRouteArgs, tags: Sequence[str], opts: pulumi.ResourceOptions
) -> kong.Service:
    """The service `name` that calls the model's endpoint. Raises ArgumentError."""
    endpoint = pulumi.Output.from_input(args["endpoint"]).apply(lambda url: validation.split_endpoint(COMPONENT, url))
    timeouts = timeouts_of(args)
    return kong.Service(
        resource_name,
        name=name,
        protocol=endpoint.apply(lambda parts: parts[0]),
        host=endpoint.apply(lambda parts: parts[1]),
        port=endpoint.apply(lambda parts: parts[2]),
        path=endpoint.apply(lambda parts: parts[3]),
        connect_timeout=_milliseconds(timeouts["connect_seconds"]),
        read_timeout=_milliseconds(timeouts["read_seconds"]),
        write_timeout=_milliseconds(timeouts["write_seconds"]),
        retries=retries_of(args),
        tags=[*tags],
        opts=opts,
    )


def entry_service(
    resource_name: str,
    name: str,
    args: KongCachedRouteArgs,
    *,
    upstream: pulumi.Input[str],
    path: pulumi.Input[str],
    tags: Sequence[str],
    opts: pulumi.ResourceOptions,
) -> kong.Service:
    """The service `name` that calls `path` on the node of `upstream` that keeps the answer."""
    timeouts = timeouts_of(args)
    return kong.Service(
        resource_name,
        name=name,
        protocol="http",
        host=upstream,
        port=80,  # each target has its own
        path=path,
        connect_timeout=_HOP_CONNECT_MILLISECONDS,
        read_timeout=pulumi.Output.all(
            retries_of(args).apply(lambda retries: connecting_attempts(retries, "pool" in args)), args.get("timeouts")
        ).apply(lambda known: _hop_milliseconds(*known)),
        write_timeout=_milliseconds(timeouts["write_seconds"]),
        retries=_HOP_RETRIES,
        tags=[*tags],
        opts=opts,
    )


def exact_route(
    resource_name: str,
    name: str,
    service: kong.Service,
    path: pulumi.Input[str],
    methods: Sequence[str],
    *,
    protocols: Sequence[str] = ("http", "https"),
    hosts: Optional[Sequence[pulumi.Input[str]]] = None,
    streams: bool = False,
    tags: Sequence[str],
    opts: pulumi.ResourceOptions,
) -> kong.Route:
    """A route of this path and none below it; `streams`: answers are passed on as they come."""
    return kong.Route(
        resource_name,
        name=name,
        service_id=service.id,
        protocols=[*protocols],
        methods=[*methods],
        paths=[pulumi.Output.from_input(path).apply(exact_path)],
        hosts=[*hosts] if hosts else None,
        strip_path=True,
        preserve_host=False,
        regex_priority=1,
        path_handling="v0",
        https_redirect_status_code=426,
        request_buffering=True,
        response_buffering=not streams,
        tags=[*tags],
        opts=opts,
    )


def exact_path(path: str) -> str:
    """This path and none below it, as Kong's router has it."""
    return "~" + path.replace(".", "\\.") + "$"


def _hop_milliseconds(attempts: int, given: Optional[dict[str, Any]]) -> int:
    """More than a shard takes to say that the model is silent: it waits for another request, then asks itself."""
    timeouts = {**defaults.TIMEOUTS, **(given or {})}
    once = timeouts["connect_seconds"] + timeouts["write_seconds"] + longest_silence_seconds(timeouts)
    return min(round((1 + attempts) * once * 1000) + _HOP_MARGIN_MILLISECONDS, 2_147_483_646)


def _milliseconds(seconds: pulumi.Input[float]) -> pulumi.Output[int]:
    return pulumi.Output.from_input(seconds).apply(lambda seconds: round(seconds * 1000))
