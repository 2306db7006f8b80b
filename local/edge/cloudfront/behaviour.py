"""One cache behaviour of a distribution: which paths it is for and how their requests are answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from local.edge.cloudfront.cache_policy import CachePolicy, managed_cache_policy
from local.edge.cloudfront.javascript import JavaScript
from local.edge.cloudfront.origin import Origin
from local.edge.cloudfront.origin_request_policy import (
    NO_ORIGIN_REQUEST_POLICY,
    OriginRequestPolicy,
    managed_origin_request_policy,
)
from local.edge.cloudfront.response_headers import ResponseHeadersPolicy
from local.edge.cloudfront.signed_url import PublicKeys
from local.edge.fields import Fields

_METHODS = (
    frozenset({"GET", "HEAD"}),
    frozenset({"GET", "HEAD", "OPTIONS"}),
    frozenset({"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}),
)
_UNRESERVED = re.compile("%(2[dDeE]|3[0-9]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aAeE])")


@dataclass(frozen=True)
class Parts:
    """What behaviours refer to, by id; functions by ARN."""

    cache_policies: Mapping[str, CachePolicy]
    origin_request_policies: Mapping[str, OriginRequestPolicy]
    response_headers_policies: Mapping[str, ResponseHeadersPolicy]
    functions: Mapping[str, JavaScript]
    key_groups: Mapping[str, PublicKeys]


@dataclass(frozen=True)
class Behaviour:
    """A cache behaviour with everything that it refers to.

    viewerProtocolPolicy has no effect: the local edge takes plain HTTP and stands for CloudFront's TLS side.
    Compression is left out. Source: CloudFront Developer Guide, "Cache behavior settings".
    """

    pattern: re.Pattern[str]
    allowed_methods: frozenset[str]
    origin: Origin
    cache_policy: CachePolicy
    origin_request_policy: OriginRequestPolicy
    response_headers_policy: ResponseHeadersPolicy | None
    viewer_request: JavaScript | None
    signers: PublicKeys | None

    def matches(self, path: str) -> bool:
        return self.pattern.fullmatch(path) is not None

    @property
    def cookies_forwarded(self) -> bool:
        return bool(self.cache_policy.cookies) or bool(self.origin_request_policy.cookies)

    @classmethod
    def read(cls, fields: Fields, origins: Mapping[str, Origin], parts: Parts, default: bool) -> Behaviour:
        fields.without_effect("compress", "viewerProtocolPolicy", "realtimeLogConfigArn")
        grpc = fields.child("grpcConfig")
        if grpc:
            grpc.end()
        cached = frozenset(fields.texts("cachedMethods", required=True))
        if cached != {"GET", "HEAD"}:
            raise fields.error("must have cachedMethods GET and HEAD in the local edge")
        allowed = frozenset(fields.texts("allowedMethods", required=True))
        if allowed not in _METHODS:
            raise fields.error("has allowedMethods that are none of CloudFront's three sets")
        origin_id = fields.text("targetOriginId")
        if origin_id not in origins:
            raise fields.error(f"names the origin {origin_id}, which the distribution does not have")
        policy_id, request_id = fields.text("cachePolicyId"), fields.text("originRequestPolicyId", "")
        behaviour = cls(
            pattern=path_pattern("*" if default else fields.text("pathPattern")),
            allowed_methods=allowed,
            origin=origins[origin_id],
            cache_policy=parts.cache_policies.get(policy_id) or managed_cache_policy(policy_id),
            origin_request_policy=_origin_request_policy(request_id, parts),
            response_headers_policy=_response_headers_policy(fields, parts),
            viewer_request=_function(fields, parts),
            signers=_signers(fields, parts),
        )
        fields.end()
        return behaviour


def path_pattern(pattern: str) -> re.Pattern[str]:
    """Return the expression of a path pattern: `*` any characters, `?` one; the first slash may be left out."""
    if pattern != "*" and not pattern.startswith(("/", "*")):
        pattern = f"/{pattern}"
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(character) or re.escape(character) for character in pattern), re.DOTALL)


def normalised_path(path: str) -> str:
    """Return the path as behaviours are matched: RFC 3986 normalised; function and origin get the raw one.

    Source: CloudFront Developer Guide, "Path pattern": unreserved characters are decoded, `//`, `.` and `..` removed.
    """
    path = _UNRESERVED.sub(lambda found: chr(int(found[1], 16)), path)
    segments: list[str] = []
    parts = re.sub("/+", "/", path).split("/")[1:]
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "..":
            del segments[-1:]
        elif part != ".":
            segments.append(part)
        if last and part in (".", ".."):
            segments.append("")
    return "/" + "/".join(segments)


def _origin_request_policy(policy_id: str, parts: Parts) -> OriginRequestPolicy:
    if not policy_id:
        return NO_ORIGIN_REQUEST_POLICY
    return parts.origin_request_policies.get(policy_id) or managed_origin_request_policy(policy_id)


def _response_headers_policy(fields: Fields, parts: Parts) -> ResponseHeadersPolicy | None:
    policy_id = fields.text("responseHeadersPolicyId", "")
    if policy_id and policy_id not in parts.response_headers_policies:
        raise fields.error(f"names the response headers policy {policy_id}, which is not registered")
    return parts.response_headers_policies.get(policy_id)


def _function(fields: Fields, parts: Parts) -> JavaScript | None:
    associations = fields.children("functionAssociations")
    if not associations:
        return None
    if len(associations) > 1:
        raise fields.error("has more than one function; the local edge runs the viewer-request function")
    associations[0].text("eventType", None, ("viewer-request",))
    arn = associations[0].text("functionArn")
    associations[0].end()
    if arn not in parts.functions:
        raise fields.error(f"names the function {arn}, which is not registered")
    return parts.functions[arn]


def _signers(fields: Fields, parts: Parts) -> PublicKeys | None:
    groups = fields.texts("trustedKeyGroups")
    unknown = [group for group in groups if group not in parts.key_groups]
    if unknown:
        raise fields.error(f"names the key groups {', '.join(unknown)}, which are not registered")
    return PublicKeys.union([parts.key_groups[group] for group in groups]) if groups else None
