"""The origin request policy of a behaviour: what the origin gets besides the cache key."""

from __future__ import annotations

from dataclasses import dataclass

from local.edge.cloudfront.selection import Selection
from local.edge.fields import ConfigurationError, Fields

_ALL = ("none", "whitelist", "allExcept", "all")
_NONE = Selection("none")
# An origin request policy cannot list these: API reference, OriginRequestPolicyHeadersConfig.
_NOT_LISTED = ("authorization", "accept-encoding")


@dataclass(frozen=True)
class OriginRequestPolicy:
    """aws:cloudfront/originRequestPolicy:OriginRequestPolicy.

    Source: CloudFront Developer Guide, "Control origin requests with a policy".
    """

    query_strings: Selection
    headers: Selection
    cookies: Selection

    @classmethod
    def read(cls, fields: Fields) -> OriginRequestPolicy:
        fields.without_effect("name", "comment")
        policy = cls(
            query_strings=Selection.read(fields, "queryString", _ALL),
            headers=Selection.read(fields, "header", ("none", "whitelist", "allExcept", "allViewer")),
            cookies=Selection.read(fields, "cookie", _ALL),
        )
        fields.end()
        listed = [name for name in _NOT_LISTED if name in policy.headers.names]
        if policy.headers.behaviour == "whitelist" and listed:
            raise fields.error(f"lists {', '.join(listed)}: CloudFront takes that in a cache policy only")
        return policy


NO_ORIGIN_REQUEST_POLICY = OriginRequestPolicy(_NONE, _NONE, _NONE)


def managed_origin_request_policy(policy_id: str) -> OriginRequestPolicy:
    """Return a policy that exists in every account (Developer Guide, "Use managed origin request policies").

    Raises ConfigurationError for any other id.
    """
    every = Selection("all")
    if policy_id == "216adef6-5c7f-47e4-b989-5492eafa07d3":  # AllViewer
        return OriginRequestPolicy(every, Selection("allViewer"), every)
    if policy_id == "b689b0a8-53d0-40ab-baf2-68738e2966ac":  # AllViewerExceptHostHeader
        return OriginRequestPolicy(every, Selection("allExcept", frozenset({"host"})), every)
    raise ConfigurationError(
        f"no origin request policy {policy_id} is registered, and it is not a managed one known here"
    )
