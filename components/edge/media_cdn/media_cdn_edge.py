"""MediaCdnEdge: a service of Google's Media CDN in front of the gateway, which keeps what may be shared."""

from collections.abc import Sequence
from typing import Any, Optional

import pulumi
from pulumi_gcp import networkservices

from ...camel_case import camel_case
from ..google.arguments import MediaCdnEdgeArgs
from ..google.certificate import address_records, managed_certificate
from ..google.checks import read_timeout_seconds
from ..google.firewall import edge_policy
from ..google.logs import log_config
from ..google.monitoring import Metrics, alarms
from ..google.protection import deletion_policy
from ..google.tls import ssl_policy
from .checks import MEDIA_CDN, check_arguments
from .origin import edge_cache_origin, public_key_ids, signed_requests
from .routing import RoutingParts, routing

_METRICS = Metrics(  # media-cdn/docs/monitoring, in PromQL's spelling
    requests="edgecache_googleapis_com:edge_cache_route_rule_request_count",
    origin_latency="edgecache_googleapis_com:edge_cache_route_rule_http_ttfb",
    labels='monitored_resource="edgecache.googleapis.com/EdgeCacheRouteRule",service_name="{id}"',
    origin_labels=',cache_result=~"(?i)miss"',
)


class MediaCdnEdge(pulumi.ComponentResource):
    """A service that answers GET for shareable models and passes on everything else uncached.

        edge = MediaCdnEdge("edge", {
            "routes": [{"model": "digits", "path": route.path, "shareable": True, "timeout_seconds": 12,
                        "version_token": route.version_token, "ttl_seconds": 300}],
            "origin": {"domain": "kong.example.com"}, "origin_secret": secret.current,
            "aliases": ["predict.example.com"], "dns_zone": "example-com"},
            pulumi.ResourceOptions(depends_on=[route]))
        pulumi.export("url", edge.url)

    Pass what the gateway must know first in `depends_on`: the service is made after it and deleted before it.
    Media CDN waits 15 seconds for an answer and takes request bodies of 16 KiB; it is for projects that Google has
    admitted to it. With signed URLs only GET has to be signed.
    Raises ArgumentError when a known argument is wrong.
    """

    TYPE = "inference-edge:index:MediaCdnEdge"

    edge_id: pulumi.Output[str]
    """Name of the EdgeCacheService, that of a purge."""
    domain_name: pulumi.Output[str]
    """The IPv4 address that the DNS of the aliases leads to."""
    url: pulumi.Output[str]
    """Base URL for callers: of the first alias."""
    public_key_ids: pulumi.Output[list[str]]
    """With signed URLs, what is a URL's `KeyName`: the id of each public key, in the order given."""

    def __init__(self, name: str, args: MediaCdnEdgeArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        check_arguments(name, args)
        known: dict[str, Any] = {**args, "origin_secret": pulumi.Output.secret(args["origin_secret"])}
        super().__init__(self.TYPE, name, camel_case(known), opts)
        self._name, self._args, self._protected = name, args, bool(args.get("protect"))
        self._child = pulumi.ResourceOptions(parent=self)
        self._kept = self._options(protect=args.get("protect") or None)
        self._after = self._options(depends_on=opts.depends_on if opts else None)

        service = self._service()
        zone = args.get("dns_zone")
        first_v4, first_v6 = service.ipv4_addresses.apply(_first), service.ipv6_addresses.apply(_first)
        if zone is not None:
            address_records(name, args["aliases"], zone, {"A": first_v4, "AAAA": first_v6}, self._child)
        watch = args.get("alarms") or {}
        if watch.get("enabled", True):
            alarms(
                name,
                watch,
                _METRICS,
                service.name,
                caches=any(route["shareable"] for route in args["routes"]),
                read_timeout_seconds=read_timeout_seconds(args, MEDIA_CDN),
                opts=self._child,
            )

        self.edge_id = service.name
        self.domain_name = first_v4
        self.url = pulumi.Output.from_input(f"https://{args['aliases'][0]}")
        self.public_key_ids = pulumi.Output.from_input(public_key_ids(args))
        self.register_outputs(
            {
                "edgeId": self.edge_id,
                "domainName": self.domain_name,
                "url": self.url,
                "publicKeyIds": self.public_key_ids,
            }
        )

    def _service(self) -> networkservices.EdgeCacheService:
        name, args = self._name, self._args
        logs, policy = args.get("logs") or {}, edge_policy(name, args.get("geo_restriction") or {}, self._child)
        parts = RoutingParts(
            origin=edge_cache_origin(name, args, self._kept).id,
            host=args["origin"]["domain"],
            secret=pulumi.Output.secret(args["origin_secret"]),
            signed=signed_requests(name, args, self._kept),
        )
        return networkservices.EdgeCacheService(
            f"{name}-service",
            description=f"{name}: predictions",
            require_tls=True,
            edge_ssl_certificates=self._certificates(),
            ssl_policy=ssl_policy(name, self._protected, self._kept).id,
            edge_security_policy=policy.self_link if policy else None,
            log_config=networkservices.EdgeCacheServiceLogConfigArgs(**log_config(logs)),
            routing=routing(args["aliases"], args["routes"], parts),
            deletion_policy=deletion_policy(self._protected),
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions.merge(self._kept, self._after),
                pulumi.ResourceOptions(additional_secret_outputs=["routing"]),
            ),
        )

    def _certificates(self) -> list[pulumi.Input[str]]:
        zone = self._args.get("dns_zone")
        if zone is None:
            return list(self._args.get("certificate_ids") or [])
        made = managed_certificate(self._name, self._args["aliases"], zone, "EDGE_CACHE", self._protected, self._kept)
        return [made.id]

    def _options(self, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(**more))


def _first(addresses: Sequence[str]) -> str:
    return addresses[0]
