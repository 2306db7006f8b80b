"""One origin of a distribution: where it is, what is added for it and how long it is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.edge.fields import Fields

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origin:
    """A custom origin or VPC origin; times in seconds, completion_timeout_seconds 0 means no limit.

    The origin shield is left out: it changes where an answer is kept, not what is answered. A VPC origin is reached at
    its domain name, with the ports and protocol of its endpoint. A connection is tried connectionAttempts times; a GET
    or HEAD that got no answer within the response timeout too, other methods are sent once. Sources: CloudFront
    Developer Guide, "Origin settings", "Origin connection timeout and attempts", "Origin response timeout", "HTTP 502",
    "HTTP 504 status code".
    """

    id: str
    domain: str
    scheme: str
    port: int
    path: str
    custom_headers: tuple[tuple[str, str], ...]
    attempts: int
    connect_timeout_seconds: int
    read_timeout_seconds: int
    completion_timeout_seconds: int

    @property
    def retries_slow_gets(self) -> bool:
        return True

    @property
    def headers_timeout_seconds(self) -> float:
        return 0

    @property
    def host(self) -> str:
        """The value of Host: the domain, with the port where it is not the protocol's own."""
        return self.domain if self.port == _DEFAULT_PORTS[self.scheme] else f"{self.domain}:{self.port}"

    @classmethod
    def read(cls, fields: Fields, vpc_origins: Mapping[str, tuple[str, int]]) -> Origin:
        fields.without_effect("originShield")
        headers = tuple(_custom_header(one) for one in fields.children("customHeaders"))
        scheme, port, read_timeout_seconds = _endpoint(fields, vpc_origins)
        origin = cls(
            id=fields.text("originId"),
            domain=fields.text("domainName"),
            scheme=scheme,
            port=port,
            path=fields.text("originPath", ""),
            custom_headers=headers,
            attempts=fields.integer("connectionAttempts", 3, 1, 3),
            connect_timeout_seconds=fields.integer("connectionTimeout", 10, 1, 10),
            read_timeout_seconds=read_timeout_seconds,
            completion_timeout_seconds=fields.integer("responseCompletionTimeout", 0),
        )
        fields.end()
        if 0 < origin.completion_timeout_seconds < read_timeout_seconds:
            raise fields.error("has a responseCompletionTimeout below its originReadTimeout; CloudFront refuses that")
        return origin


def _custom_header(fields: Fields) -> tuple[str, str]:
    header = fields.text("name"), fields.text("value")
    fields.end()
    return header


def vpc_endpoint(fields: Fields) -> tuple[str, int]:
    """Return protocol and port of an aws:cloudfront/vpcOrigin:VpcOrigin; its network does not exist here."""
    fields.without_effect("tags", "timeouts")
    endpoint = fields.child("vpcOriginEndpointConfig", required=True)
    assert endpoint is not None
    endpoint.without_effect("arn", "name", "originSslProtocols")
    found = _protocol(endpoint)
    endpoint.end()
    fields.end()
    return found


def _endpoint(fields: Fields, vpc_origins: Mapping[str, tuple[str, int]]) -> tuple[str, int, int]:
    custom, vpc = fields.child("customOriginConfig"), fields.child("vpcOriginConfig")
    if (custom is None) == (vpc is None):
        raise fields.error("needs either customOriginConfig or vpcOriginConfig; the local edge serves no S3 origin")
    if custom is not None:
        custom.without_effect("originSslProtocols", "originKeepaliveTimeout", "ipAddressType")
        scheme, port = _protocol(custom)
        read_timeout_seconds = custom.integer("originReadTimeout", 30, 1, 180)
        custom.end()
        return scheme, port, read_timeout_seconds
    assert vpc is not None
    vpc.without_effect("originKeepaliveTimeout", "ownerAccountId")
    vpc_origin_id = vpc.text("vpcOriginId")
    if vpc_origin_id not in vpc_origins:
        raise vpc.error(f"names {vpc_origin_id}, which is not a registered VPC origin")
    scheme, port = vpc_origins[vpc_origin_id]
    read_timeout_seconds = vpc.integer("originReadTimeout", 30, 1, 180)
    vpc.end()
    return scheme, port, read_timeout_seconds


def _protocol(fields: Fields) -> tuple[str, int]:
    scheme = fields.text("originProtocolPolicy", None, ("http-only", "https-only")).removesuffix("-only")
    ports = {"http": fields.integer("httpPort", None, 1, 65535), "https": fields.integer("httpsPort", None, 1, 65535)}
    return scheme, ports[scheme]
