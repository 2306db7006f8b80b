"""Backend services: one for every shareable model, whose answers are kept, and one for everything else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
from pulumi_gcp import compute

from ..arguments import (
    INPUT_PARAMETER,
    MODEL_VERSION_HEADER,
    ORIGIN_VERIFY_HEADER,
    PORTS,
    ROUTE_TIMEOUT_SECONDS,
    TIMEOUT_MARGIN_SECONDS,
    EdgeRouteArgs,
)
from ..google.arguments import CACHE_STATUS_HEADER, HSTS, CloudCdnEdgeArgs
from ..google.checks import read_timeout_seconds
from ..google.cors import response_headers
from ..google.logs import log_config
from ..google.names import short_name
from ..google.protection import deletion_policy
from .checks import CLOUD_CDN

Headers = Mapping[str, pulumi.Input[str]]

SCHEME = "EXTERNAL_MANAGED"
_PROTOCOLS = {"https": "HTTPS", "http": "HTTP"}
# Set on the way to the viewer, also on what comes out of the cache; a name without value takes one away.
_SHOWN = {
    "Cache-Control": "private, no-store",
    "Cache-Tag": "",
    "Strict-Transport-Security": HSTS,
    "X-Content-Type-Options": "nosniff",
    CACHE_STATUS_HEADER: "{cdn_cache_status}",
}


@dataclass(frozen=True)
class BackendParts:
    """What backend services refer to."""

    name: str
    args: CloudCdnEdgeArgs
    group: pulumi.Input[str]
    firewall: Optional[pulumi.Input[str]]
    edge_firewall: Optional[pulumi.Input[str]]
    kept: pulumi.ResourceOptions
    after: pulumi.ResourceOptions


def gateway_group(name: str, args: CloudCdnEdgeArgs, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Id of the group of backends that the gateway is in, outside of Google Cloud; known once it is in it."""
    given = args["origin"]
    port = int(given.get("port", PORTS[given.get("protocol", "https")]))
    policy = deletion_policy(bool(args.get("protect")))
    group = compute.GlobalNetworkEndpointGroup(
        f"{name}-gateway",
        description=f"{name}: the gateway",
        network_endpoint_type="INTERNET_FQDN_PORT",
        default_port=port,
        deletion_policy=policy,
        opts=opts,
    )
    endpoint = compute.GlobalNetworkEndpoint(
        f"{name}-endpoint",
        global_network_endpoint_group=group.name,
        fqdn=given["domain"],
        port=port,
        deletion_policy=policy,
        # A group takes one name at a time.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=True)),
    )
    return pulumi.Output.all(group.id, endpoint.id).apply(lambda ids: ids[0])


def cached_service(route: EdgeRouteArgs, parts: BackendParts) -> compute.BackendService:
    """Keeps what the gateway lets it keep, by input, version and the headers that change an answer.

    The version is in the key because headers of a backend service are set before the key is made
    (cdn/docs/caching, "Use custom variables with request headers"); that is not said of a URL map's headers.
    """
    key_headers = sorted(set(route.get("key_headers") or []))
    added: Headers = {
        MODEL_VERSION_HEADER: route.get("version_token", ""),
        "Accept": "application/json",  # one question, in whatever way it was asked
    }
    timeout = parts.args["origin"].get("read_timeout_seconds")
    own = int(route.get("timeout_seconds", ROUTE_TIMEOUT_SECONDS) + TIMEOUT_MARGIN_SECONDS)
    return _service(
        f"cached-{short_name(route['model'])}",
        parts,
        added,
        response_headers(route),
        timeout_sec=own if timeout is None else int(timeout),
        enable_cdn=True,
        cdn_policy={
            "cache_mode": "USE_ORIGIN_HEADERS",
            "negative_caching": False,
            "request_coalescing": True,
            "serve_while_stale": 0,  # answers with s-maxage, as the gateway's are, are never served stale
            "cache_key_policy": {
                "include_host": False,  # the gateway is asked by its own name
                "include_protocol": False,
                "include_query_string": True,
                "query_string_whitelists": [INPUT_PARAMETER],
                "include_http_headers": [MODEL_VERSION_HEADER.lower(), *key_headers],
            },
        },
        edge_security_policy=parts.edge_firewall,
    )


def passing_service(parts: BackendParts) -> compute.BackendService:
    """Keeps nothing."""
    return _service("passing", parts, {}, {}, timeout_sec=read_timeout_seconds(parts.args, CLOUD_CDN), enable_cdn=False)


def nowhere_service(parts: BackendParts) -> compute.BackendService:
    """Has no backend: what no rule is for cannot reach the gateway."""
    return compute.BackendService(
        f"{parts.name}-nowhere",
        description=f"{parts.name}: paths of no model",
        load_balancing_scheme=SCHEME,
        protocol="HTTP",
        deletion_policy=deletion_policy(bool(parts.args.get("protect"))),
        opts=parts.kept,
    )


def _service(suffix: str, parts: BackendParts, added: Headers, shown: Headers, **more: Any) -> compute.BackendService:
    args, origin = parts.args, parts.args["origin"]
    sent: Headers = {
        "Host": origin["domain"],
        ORIGIN_VERIFY_HEADER: pulumi.Output.secret(args["origin_secret"]),
        **added,
    }
    return compute.BackendService(
        f"{parts.name}-{suffix}",
        description=f"{parts.name}: the gateway",
        load_balancing_scheme=SCHEME,
        protocol=_PROTOCOLS[origin.get("protocol", "https")],
        backends=[{"group": parts.group}],
        custom_request_headers=_lines(sent),
        custom_response_headers=_lines({**_SHOWN, **shown}),
        security_policy=parts.firewall,
        log_config=compute.BackendServiceLogConfigArgs(**log_config(args.get("logs") or {})),
        # Not protected: a model may go; the URL map, which is, cannot do without the others.
        opts=pulumi.ResourceOptions.merge(
            parts.after, pulumi.ResourceOptions(additional_secret_outputs=["customRequestHeaders"])
        ),
        **more,
    )


def _lines(headers: Headers) -> list[pulumi.Input[str]]:
    return [pulumi.Output.concat(f"{name}:", value) for name, value in headers.items()]
