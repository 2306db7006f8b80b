"""One distribution: its names, behaviours, error caching and tag header."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.edge.cloudfront.behaviour import Behaviour, Parts, normalised_path
from local.edge.cloudfront.origin import Origin
from local.edge.fields import Fields

# What these ask for cannot be had on one machine (network, certificates, locations, firewall) or changes no answer.
_WITHOUT_EFFECT = (
    "anycastIpListId",
    "comment",
    "continuousDeploymentPolicyId",
    "httpVersion",
    "isIpv6Enabled",
    "loggingConfig",
    "priceClass",
    "restrictions",
    "retainOnDelete",
    "staging",
    "tags",
    "viewerCertificate",
    "waitForDeployment",
    "webAclId",
)
_ERROR_CODES = frozenset({400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504})


@dataclass(frozen=True)
class Distribution:
    """aws:cloudfront/distribution:Distribution with all that it refers to; names in lower case.

    error_ttls: status to seconds of errorCachingMinTtl. Custom error pages, origin groups, the default root object and
    viewer mTLS are refused. Source: CloudFront Developer Guide, "Distribution settings".
    """

    id: str
    domain_name: str
    names: frozenset[str]
    enabled: bool
    behaviours: tuple[Behaviour, ...]
    error_ttls: Mapping[int, int]
    tag_header: str

    def behaviour(self, path: str) -> Behaviour:
        """Return the first ordered behaviour whose pattern matches the normalised path, else the default one."""
        normalised = normalised_path(path)
        return next(one for one in self.behaviours if one.matches(normalised))

    @classmethod
    def read(
        cls,
        resource_id: str,
        domain_name: str,
        fields: Fields,
        parts: Parts,
        vpc_origins: Mapping[str, tuple[str, int]],
    ) -> Distribution:
        fields.without_effect(*_WITHOUT_EFFECT)
        read = [Origin.read(one, vpc_origins) for one in fields.children("origins", required=True)]
        origins = {one.id: one for one in read}
        if len(origins) != len(read):
            raise fields.error("has two origins with one originId")
        default = fields.child("defaultCacheBehavior", required=True)
        assert default is not None
        ordered = [Behaviour.read(one, origins, parts, False) for one in fields.children("orderedCacheBehaviors")]
        tags = fields.child("cacheTagConfig")
        distribution = cls(
            id=resource_id,
            domain_name=domain_name,
            names=frozenset(name.lower() for name in (domain_name, *fields.texts("aliases"))),
            enabled=fields.boolean("enabled"),
            behaviours=(*ordered, Behaviour.read(default, origins, parts, True)),
            error_ttls=dict(_error_ttl(one) for one in fields.children("customErrorResponses")),
            tag_header=tags.text("headerName") if tags else "",
        )
        if tags:
            tags.end()
        fields.end()
        return distribution


def _error_ttl(fields: Fields) -> tuple[int, int]:
    code = fields.integer("errorCode")
    if code not in _ERROR_CODES:
        raise fields.error(f"has the errorCode {code}, which CloudFront does not take")
    seconds = fields.integer("errorCachingMinTtl", 10)
    if fields.integer("responseCode", 0):
        raise fields.error("has a responseCode: the local edge has no custom error pages")
    fields.end()
    return code, seconds
