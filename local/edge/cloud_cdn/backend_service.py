"""One backend service: its endpoint, what it adds to headers, and its CDN policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.edge.cloud_cdn.cdn_policy import CdnPolicy
from local.edge.cloud_cdn.signed_url import SignedUrlKeys
from local.edge.fields import Fields
from local.edge.google.header_action import RESPONSE_VARIABLES, Header, check_variables, custom_header

# What these ask for cannot be had on one machine (firewall, logs, several endpoints) or changes no answer.
_WITHOUT_EFFECT = (
    "compressionMode",
    "connectionDrainingTimeoutSec",
    "deletionPolicy",
    "description",
    "edgeSecurityPolicy",
    "localityLbPolicy",
    "logConfig",
    "name",
    "outlierDetection",
    "portName",
    "project",
    "securityPolicy",
    "sessionAffinity",
    "tlsSettings",
)
_MAXIMUM_TIMEOUT_SECONDS = 2**31


@dataclass(frozen=True)
class Endpoint:
    """The one endpoint of an internet network endpoint group; times in seconds.

    timeoutSec is until the whole answer has come; attempts are those of the URL map's retryPolicy. Source: External
    Application Load Balancer overview (timeouts and retries).
    """

    scheme: str
    domain: str
    port: int
    completion_timeout_seconds: float
    attempts: int = 1
    retries_slow_gets: bool = False
    connect_timeout_seconds: float = 5
    headers_timeout_seconds: float = 0

    @property
    def read_timeout_seconds(self) -> float:
        return self.completion_timeout_seconds


@dataclass(frozen=True)
class BackendService:
    """gcp:compute/backendService:BackendService; endpoint None: it has no backend, its requests get a 502.

    custom_request_headers replace what the viewer sent, and may be part of the cache key. cdn None: Cloud CDN is off.
    Health checks, affinity to several backends and IAP are refused. Sources: API reference, BackendService; "Create
    custom headers in backend services"; Cloud CDN, "Caching overview" (custom headers in the key).
    """

    id: str
    endpoint: Endpoint | None
    custom_request_headers: tuple[Header, ...]
    custom_response_headers: tuple[Header, ...]
    cdn: CdnPolicy | None
    keys: SignedUrlKeys | None

    @classmethod
    def read(
        cls, resource_id: str, fields: Fields, endpoints: Mapping[str, tuple[str, int]], keys: SignedUrlKeys | None
    ) -> BackendService:
        """endpoints: host and port of the network endpoint groups, by name."""
        fields.without_effect(*_WITHOUT_EFFECT)
        fields.text("loadBalancingScheme", "EXTERNAL_MANAGED", ("EXTERNAL_MANAGED",))
        scheme = {"HTTP": "http", "HTTPS": "https", "HTTP2": "https"}[
            fields.text("protocol", "HTTP", ("HTTP", "HTTPS", "HTTP2"))
        ]
        timeout = fields.integer("timeoutSec", 30, 1, _MAXIMUM_TIMEOUT_SECONDS)
        enabled, policy = fields.boolean("enableCdn", False), fields.child("cdnPolicy")
        sent, returned = (
            tuple(custom_header(f"{fields.where}.{name}", text) for text in fields.texts(name))
            for name in ("customRequestHeaders", "customResponseHeaders")
        )
        check_variables(fields.where, sent, frozenset())
        check_variables(fields.where, returned, RESPONSE_VARIABLES)
        place = _endpoint(fields, endpoints)
        service = cls(
            id=resource_id,
            endpoint=Endpoint(scheme, *place, completion_timeout_seconds=timeout) if place else None,
            custom_request_headers=sent,
            custom_response_headers=returned,
            cdn=CdnPolicy.read(policy or Fields(f"{fields.where}.cdnPolicy", {})) if enabled else None,
            keys=keys,
        )
        fields.end()
        return service


def _endpoint(fields: Fields, endpoints: Mapping[str, tuple[str, int]]) -> tuple[str, int] | None:
    backends = fields.children("backends")
    if len(backends) > 1:
        raise fields.error("has more than one backend; the local edge takes one")
    for backend in backends:
        backend.without_effect("balancingMode", "capacityScaler", "description", "maxUtilization", "preference")
        group = backend.text("group").rpartition("/")[2]
        backend.end()
        if group not in endpoints:
            raise backend.error(f"names the network endpoint group {group}, which has no registered endpoint")
        return endpoints[group]
    return None
