"""CloudCdnEdge: a load balancer with Google's Cloud CDN in front of the gateway, which keeps what may be shared."""

from typing import Any, Optional

import pulumi
from pulumi_gcp import compute

from ...camel_case import camel_case
from ..google.arguments import PATH_MATCHER, CloudCdnEdgeArgs
from ..google.certificate import address_records
from ..google.checks import read_timeout_seconds
from ..google.firewall import backend_policy, edge_policy
from ..google.monitoring import Metrics, alarms
from ..google.protection import deletion_policy
from .backends import BackendParts, cached_service, gateway_group, nowhere_service, passing_service
from .checks import CLOUD_CDN, check_arguments
from .frontend import frontend
from .routing import NOT_FOUND, path_matcher

_METRICS = Metrics(  # load-balancing/docs/https/https-logging-monitoring, in PromQL's spelling
    requests="loadbalancing_googleapis_com:https_request_count",
    origin_latency="loadbalancing_googleapis_com:https_backend_latencies",
    labels='monitored_resource="https_lb_rule",url_map_name="{id}"',
)


class CloudCdnEdge(pulumi.ComponentResource):
    """A load balancer that answers GET for shareable models and passes on everything else uncached.

        edge = CloudCdnEdge("edge", {
            "routes": [{"model": "digits", "path": route.path, "shareable": True,
                        "version_token": route.version_token, "ttl_seconds": 300}],
            "origin": {"domain": "kong.example.com"}, "origin_secret": secret.current,
            "aliases": ["predict.example.com"], "dns_zone": "example-com"},
            pulumi.ResourceOptions(depends_on=[route]))
        pulumi.export("url", edge.url)

    Pass what the gateway must know first in `depends_on`: the backend services are made after it and deleted before it.
    A hit asks nobody for a key: shareable models have to be open to everybody. With headers in its key Cloud CDN keeps
    an answer from the third request for it on, at each location; the gateway's own cache answers the second.
    Raises ArgumentError when a known argument is wrong.
    """

    TYPE = "inference-edge:index:CloudCdnEdge"

    edge_id: pulumi.Output[str]
    """Name of the URL map, that of a purge."""
    domain_name: pulumi.Output[str]
    """The IPv4 address that the DNS of the aliases leads to."""
    url: pulumi.Output[str]
    """Base URL for callers: of the first alias."""
    public_key_ids: pulumi.Output[list[str]]
    """None, as there are no signed URLs here."""

    def __init__(self, name: str, args: CloudCdnEdgeArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        check_arguments(name, args)
        known: dict[str, Any] = {**args, "origin_secret": pulumi.Output.secret(args["origin_secret"])}
        super().__init__(self.TYPE, name, camel_case(known), opts)
        self._name, self._args, self._protected = name, args, bool(args.get("protect"))
        self._child = pulumi.ResourceOptions(parent=self)
        self._kept = self._options(protect=args.get("protect") or None)
        self._after = self._options(depends_on=opts.depends_on if opts else None)

        url_map = self._url_map()
        addresses = frontend(name, args, url_map, self._kept)
        zone = args.get("dns_zone")
        if zone is not None:
            address_records(name, args["aliases"], zone, addresses, self._child)
        watch = args.get("alarms") or {}
        if watch.get("enabled", True):
            alarms(
                name,
                watch,
                _METRICS,
                url_map.name,
                caches=any(route["shareable"] for route in args["routes"]),
                read_timeout_seconds=read_timeout_seconds(args, CLOUD_CDN),
                opts=self._child,
            )

        self.edge_id = url_map.name
        self.domain_name = addresses["A"]
        self.url = pulumi.Output.from_input(f"https://{args['aliases'][0]}")
        self.public_key_ids = pulumi.Output.from_input([])
        self.register_outputs(
            {
                "edgeId": self.edge_id,
                "domainName": self.domain_name,
                "url": self.url,
                "publicKeyIds": self.public_key_ids,
            }
        )

    def _url_map(self) -> compute.URLMap:
        name, args = self._name, self._args
        countries = args.get("geo_restriction") or {}
        firewall = backend_policy(name, args.get("firewall") or {}, countries, self._child)
        edge_firewall = edge_policy(name, countries, self._child)
        parts = BackendParts(
            name=name,
            args=args,
            group=gateway_group(name, args, self._kept),
            firewall=firewall.self_link if firewall else None,
            edge_firewall=edge_firewall.self_link if edge_firewall else None,
            kept=self._kept,
            after=self._after,
        )
        cached = {route["model"]: cached_service(route, parts).id for route in args["routes"] if route["shareable"]}
        passing, nowhere = passing_service(parts).id, nowhere_service(parts).id
        return compute.URLMap(
            f"{name}-routes",
            description=f"{name}: predictions",
            default_service=nowhere,
            default_route_action=NOT_FOUND,
            host_rules=[{"hosts": list(args["aliases"]), "path_matcher": PATH_MATCHER}],
            path_matchers=[path_matcher(args["routes"], cached, passing, nowhere)],
            deletion_policy=deletion_policy(self._protected),
            opts=self._kept,
        )

    def _options(self, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(**more))
