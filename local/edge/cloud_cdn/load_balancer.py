"""A load balancer: what its HTTPS addresses lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from local.edge.cloud_cdn.backend_service import BackendService
from local.edge.cloud_cdn.signed_url import SignedUrlKeys, signed_url_key
from local.edge.cloud_cdn.url_map import UrlMap
from local.edge.fields import Fields
from local.edge.resource import Resource

_BACKEND_SERVICE = "gcp:compute/backendService:BackendService"
_ENDPOINT = "gcp:compute/globalNetworkEndpoint:GlobalNetworkEndpoint"
_ENDPOINT_GROUP = "gcp:compute/globalNetworkEndpointGroup:GlobalNetworkEndpointGroup"
_FORWARDING_RULE = "gcp:compute/globalForwardingRule:GlobalForwardingRule"
_HTTP_PROXY = "gcp:compute/targetHttpProxy:TargetHttpProxy"
_HTTPS_PROXY = "gcp:compute/targetHttpsProxy:TargetHttpsProxy"
_SIGNED_URL_KEY = "gcp:compute/backendServiceSignedUrlKey:BackendServiceSignedUrlKey"
_URL_MAP = "gcp:compute/uRLMap:URLMap"
# Certificates, protocols and addresses, which one machine does not have.
_PROXY_WITHOUT_EFFECT = (
    "certificateManagerCertificates",
    "certificateMap",
    "deletionPolicy",
    "description",
    "httpKeepAliveTimeoutSec",
    "name",
    "project",
    "quicOverride",
    "sslCertificates",
    "sslPolicy",
    "tlsEarlyData",
)
_RULE_WITHOUT_EFFECT = (
    "deletionPolicy",
    "description",
    "ipAddress",
    "ipProtocol",
    "ipVersion",
    "labels",
    "name",
    "networkTier",
    "project",
)
_HTTPS_PORT = "443"


@dataclass(frozen=True)
class LoadBalancer:
    """A URL map that a forwarding rule for port 443 leads to; every address of it is this one site.

    What is forwarded from port 80 is registered, but not served: the local edge stands for the TLS side.
    Source: External Application Load Balancer overview (architecture).
    """

    name: str
    url_map: UrlMap
    enabled: ClassVar[bool] = True

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.url_map.hosts) - {"*"}


def load_balancers(resources: Iterable[Resource]) -> dict[str, LoadBalancer]:
    """Return the load balancers by the name of their URL map; raises ConfigurationError."""
    of: dict[str, list[Resource]] = {}
    for one in resources:
        of.setdefault(one.type, []).append(one)
    endpoints = dict(_endpoint(one, of.get(_ENDPOINT, [])) for one in of.get(_ENDPOINT_GROUP, []))
    keys = _signed_url_keys(of.get(_SIGNED_URL_KEY, []))
    services = {
        _name(one): BackendService.read(one.id, one.fields, _reachable(endpoints), keys.get(_name(one)))
        for one in of.get(_BACKEND_SERVICE, [])
    }
    url_maps = {_name(one): UrlMap.read(one.id, one.fields, services) for one in of.get(_URL_MAP, [])}
    proxies = {
        kind: {_name(one): _proxied(one.fields, url_maps) for one in of.get(kind, [])}
        for kind in (_HTTPS_PROXY, _HTTP_PROXY)
    }
    targets = [_target(one.fields, proxies) for one in of.get(_FORWARDING_RULE, [])]
    return {name: LoadBalancer(name, url_maps[name]) for name in dict.fromkeys(filter(None, targets))}


def _name(resource: Resource) -> str:
    return resource.id.rpartition("/")[2]


def _endpoint(group: Resource, endpoints: list[Resource]) -> tuple[str, tuple[str, int] | None]:
    """Read a group and its endpoint: host and port; None: it has none yet."""
    fields = group.fields
    fields.without_effect("deletionPolicy", "description", "name", "project", "defaultPort")
    fields.text("networkEndpointType", None, ("INTERNET_FQDN_PORT", "INTERNET_IP_PORT"))
    fields.end()
    found = [_address(one.fields) for one in endpoints]
    mine = [(host, port) for name, host, port in found if name == _name(group)]
    if len(mine) > 1:
        raise fields.error("has more than one endpoint; an internet endpoint group has one")
    return _name(group), mine[0] if mine else None


def _reachable(endpoints: Mapping[str, tuple[str, int] | None]) -> dict[str, tuple[str, int]]:
    return {name: place for name, place in endpoints.items() if place is not None}


def _address(fields: Fields) -> tuple[str, str, int]:
    fields.without_effect("deletionPolicy", "project")
    group = fields.text("globalNetworkEndpointGroup").rpartition("/")[2]
    host = fields.text("fqdn", "") or fields.text("ipAddress", "")
    port = fields.integer("port", None, 1, 65535)
    fields.without_effect("ipAddress")
    fields.end()
    if not host:
        raise fields.error("needs a fqdn or an ipAddress")
    return group, host, port


def _signed_url_keys(resources: list[Resource]) -> dict[str, SignedUrlKeys]:
    keys: dict[str, dict[str, bytes]] = {}
    for one in resources:
        service, name, value = signed_url_key(one.fields)
        keys.setdefault(service, {})[name] = value
    return {service: SignedUrlKeys(named) for service, named in keys.items()}


def _proxied(fields: Fields, url_maps: Mapping[str, UrlMap]) -> str:
    fields.without_effect(*_PROXY_WITHOUT_EFFECT)
    name = fields.text("urlMap").rpartition("/")[2]
    fields.end()
    if name not in url_maps:
        raise fields.error(f"names the URL map {name}, which is not registered")
    return name


def _target(fields: Fields, proxies: Mapping[str, Mapping[str, str]]) -> str:
    """Return the URL map that the rule leads to over HTTPS; "": it is for HTTP."""
    fields.without_effect(*_RULE_WITHOUT_EFFECT)
    fields.text("loadBalancingScheme", "EXTERNAL_MANAGED", ("EXTERNAL_MANAGED",))
    target, port = fields.text("target"), fields.text("portRange", _HTTPS_PORT)
    fields.end()
    kind = _HTTPS_PROXY if "/targetHttpsProxies/" in target else _HTTP_PROXY
    name = target.rpartition("/")[2]
    if name not in proxies[kind]:
        raise fields.error(f"names the target {target}, which is not registered")
    return proxies[kind][name] if kind == _HTTPS_PROXY and port.partition("-")[0] == _HTTPS_PORT else ""
