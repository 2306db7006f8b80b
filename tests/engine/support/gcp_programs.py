"""Small programs with Google Cloud's resources for the engine's tests."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import pulumi

with warnings.catch_warnings():  # of the SDK's own modules, when they are imported
    warnings.simplefilter("ignore", DeprecationWarning)
    for _module in ("certificatemanager", "compute", "dns", "monitoring", "networkservices"):
        hasattr(importlib.import_module(f"pulumi_gcp.{_module}"), "outputs")  # loaded when it is looked at
    from pulumi_gcp import certificatemanager, compute, dns, monitoring, networkservices

ORIGIN_SECRET = "an-origin-secret"
STAND_IN = {"gcp:project": "local-stand-in."}


def media_cdn(description: str = "first", service_name: str = "", origin_name: str = "shop-origin") -> Any:
    """An edge cache service with its origin; exports what others would use."""

    def program() -> None:
        origin = networkservices.EdgeCacheOrigin("origin", name=origin_name, origin_address="kong.test")
        added = {"header_name": "X-Origin-Verify", "header_value": pulumi.Output.secret(ORIGIN_SECRET), "replace": True}
        rule: Any = {
            "priority": "1",
            "match_rules": [{"prefix_match": "/"}],
            "origin": origin.id,
            "header_action": {"request_header_to_adds": [added]},
        }
        service = networkservices.EdgeCacheService(
            "edge",
            name=service_name or None,
            description=description,
            labels={"team": "shop"},
            routing={
                "host_rules": [{"hosts": ["*"], "path_matcher": "all"}],
                "path_matchers": [{"name": "all", "route_rules": [rule]}],
            },
        )
        pulumi.export("origin", origin.id)
        for name in ("id", "name", "ipv4_addresses", "ipv6_addresses", "project", "effective_labels"):
            pulumi.export(name, getattr(service, name))

    return program


def load_balancer(timeout_seconds: int = 30) -> Any:
    """A load balancer with Cloud CDN, and resources of other services beside it."""

    def program() -> None:
        group = compute.GlobalNetworkEndpointGroup("gateway", network_endpoint_type="INTERNET_FQDN_PORT")
        compute.GlobalNetworkEndpoint("endpoint", global_network_endpoint_group=group.name, fqdn="kong.test", port=443)
        firewall = compute.SecurityPolicy("firewall", type="CLOUD_ARMOR")
        backend = compute.BackendService(
            "backend",
            load_balancing_scheme="EXTERNAL_MANAGED",
            protocol="HTTPS",
            timeout_sec=timeout_seconds,
            security_policy=firewall.self_link,
            custom_request_headers=[pulumi.Output.concat("X-Origin-Verify:", pulumi.Output.secret(ORIGIN_SECRET))],
        )
        url_map = compute.URLMap("routes", default_service=backend.id)
        proxy = compute.TargetHttpsProxy("proxy", url_map=url_map.id)
        address = compute.GlobalAddress("address", ip_version="IPV6")
        rule = compute.GlobalForwardingRule("rule", target=proxy.id, ip_address=address.id, port_range="443")
        authorization = certificatemanager.DnsAuthorization("domain", domain="edge.example.com")
        record = authorization.dns_resource_records[0]
        dns.RecordSet("record", managed_zone="zone", name=record.name, type=record.type, ttl=300, rrdatas=[record.data])
        monitoring.Dashboard("dashboard", dashboard_json="{}")
        for name, value in {
            "backend": backend.self_link,
            "fingerprint": backend.fingerprint,
            "generated": backend.generated_id,
            "map": url_map.map_id,
            "address": address.address,
            "record": record.name,
            "rule": rule.id,
        }.items():
            pulumi.export(name, value)

    return program
