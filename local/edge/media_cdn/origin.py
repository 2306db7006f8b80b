"""An EdgeCacheOrigin: where it is, what is added for it and how long it is waited for."""

from __future__ import annotations

from dataclasses import dataclass

from local.edge.fields import Fields
from local.edge.google.header_action import Header, added_header, check_variables
from local.edge.google.redirect import UrlRewrite

_PORTS = {"HTTP": 80, "HTTPS": 443, "HTTP2": 443}


@dataclass(frozen=True)
class EdgeCacheOrigin:
    """gcp:networkservices/edgeCacheOrigin:EdgeCacheOrigin; times in seconds.

    connectTimeout ends with the headers of the answer. Buckets, S3 signatures, failover and retries of answers are
    refused; shielding changes where an answer is kept, not what is answered. Source: Media CDN, "Origins".
    """

    name: str
    scheme: str
    domain: str
    port: int
    attempts: int
    connect_timeout_seconds: float
    read_timeout_seconds: float
    completion_timeout_seconds: float
    added: tuple[Header, ...]
    host_rewrite: str

    @property
    def retries_slow_gets(self) -> bool:
        return False

    @property
    def headers_timeout_seconds(self) -> float:
        return self.connect_timeout_seconds

    @classmethod
    def read(cls, name: str, fields: Fields) -> EdgeCacheOrigin:
        fields.without_effect("name", "project", "description", "labels", "deletionPolicy", "flexShielding")
        protocol = fields.text("protocol", "HTTP2", _PORTS)
        address = fields.text("originAddress")
        if "/" in address:
            raise fields.error(f"has the originAddress {address}: the local edge takes a host name or an IP address")
        for condition in fields.texts("retryConditions"):
            if condition != "CONNECT_FAILURE":
                raise fields.error(f"has the retry condition {condition}: the local edge retries CONNECT_FAILURE alone")
        timeout = fields.child("timeout") or Fields(fields.where, {})
        timeout.without_effect("maxAttemptsTimeout")  # of several attempts, which are connections alone here
        override = fields.child("originOverrideAction") or Fields(fields.where, {})
        action = override.child("headerAction") or Fields(fields.where, {})
        origin = cls(
            name=name,
            scheme="http" if protocol == "HTTP" else "https",
            domain=address,
            port=fields.integer("port", _PORTS[protocol], 1, 65535),
            attempts=fields.integer("maxAttempts", 1, 1, 3),
            connect_timeout_seconds=timeout.seconds("connectTimeout", 5, 1, 15),
            read_timeout_seconds=timeout.seconds("readTimeout", 15, 1, 30),
            completion_timeout_seconds=timeout.seconds("responseTimeout", 30, 1, 120),
            added=tuple(added_header(one) for one in action.children("requestHeadersToAdds")),
            host_rewrite=UrlRewrite.read(override.child("urlRewrite")).host,
        )
        check_variables(fields.where, origin.added, frozenset())
        for one in (timeout, action, override, fields):
            one.end()
        return origin
