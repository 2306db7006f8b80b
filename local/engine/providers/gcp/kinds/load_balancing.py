"""The types of an external Application Load Balancer with Cloud CDN and Cloud Armor."""

from __future__ import annotations

from collections.abc import Mapping

from local.engine.providers.gcp.kind import Kind
from local.engine.providers.gcp.kinds.edge import documentation_address
from local.engine.providers.stand_in.kind import Computed, derive

_GLOBAL = "projects/{project}/global/"
_SELF_LINK = "https://www.googleapis.com/compute/v1/{id}"
_FINGERPRINT = "{fresh}="
_NUMBER = Computed(lambda values: int(derive(18, "123456789", values["id"])))


def _compute(collection: str, replaces: str = "", **outputs: str | Computed) -> Kind:
    return Kind(
        f"{_GLOBAL}{collection}/{{name}}",
        {"selfLink": _SELF_LINK, **outputs},
        replaces=f"name {replaces}",
        auto_name="name",
    )


KINDS: Mapping[str, Kind] = {
    "gcp:compute/backendService:BackendService": _compute(
        "backendServices", "loadBalancingScheme", fingerprint=_FINGERPRINT, generatedId=_NUMBER
    ),
    # Google gives the keys of one backend service one id, that of the backend service.
    "gcp:compute/backendServiceSignedUrlKey:BackendServiceSignedUrlKey": Kind(
        f"{_GLOBAL}backendServices/{{backendService}}/signedUrlKeys/{{name}}",
        replaces="backendService keyValue name",
        auto_name="name",
        secret=frozenset({"keyValue"}),
    ),
    "gcp:compute/globalAddress:GlobalAddress": _compute(
        "addresses",
        "address addressType description ipVersion network prefixLength purpose",
        address=Computed(
            lambda values: documentation_address(values["ipVersion"] or "IPV4", values["id"]), frozenset({"ipVersion"})
        ),
    ),
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": _compute(
        "forwardingRules",
        "description ipAddress ipProtocol ipVersion loadBalancingScheme metadataFilters network portRange "
        "sourceIpRanges subnetwork",
        forwardingRuleId=_NUMBER,
    ),
    "gcp:compute/globalNetworkEndpoint:GlobalNetworkEndpoint": Kind(
        "{project}/{globalNetworkEndpointGroup}/{ipAddress}/{fqdn}/{port}",
        replaces="fqdn globalNetworkEndpointGroup ipAddress port",
    ),
    "gcp:compute/globalNetworkEndpointGroup:GlobalNetworkEndpointGroup": _compute(
        "networkEndpointGroups", "defaultPort description networkEndpointType"
    ),
    "gcp:compute/sSLPolicy:SSLPolicy": _compute("sslPolicies", "description", fingerprint=_FINGERPRINT),
    "gcp:compute/securityPolicy:SecurityPolicy": _compute("securityPolicies", "type", fingerprint=_FINGERPRINT),
    "gcp:compute/targetHttpProxy:TargetHttpProxy": _compute(
        "targetHttpProxies",
        "description httpKeepAliveTimeoutSec proxyBind",
        fingerprint=_FINGERPRINT,
        proxyId=_NUMBER,
    ),
    "gcp:compute/targetHttpsProxy:TargetHttpsProxy": _compute(
        "targetHttpsProxies",
        "description httpKeepAliveTimeoutSec proxyBind",
        fingerprint=_FINGERPRINT,
        proxyId=_NUMBER,
    ),
    "gcp:compute/uRLMap:URLMap": _compute("urlMaps", fingerprint=_FINGERPRINT, mapId=_NUMBER),
}
