"""The settings of the aws stand-in: those of the real provider, of which it uses three."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from local.engine.errors import ProviderError
from local.engine.values import Properties, holds_unknown

ACCOUNT_ID = "000000000000"
EDGE_SETTING = "aws:endpoints (cloudfront)"
SETTINGS = frozenset(
    {
        "accessKey",
        "allowedAccountIds",
        "assumeRoleWithWebIdentity",
        "assumeRoles",
        "customCaBundle",
        "defaultTags",
        "ec2MetadataServiceEndpoint",
        "ec2MetadataServiceEndpointMode",
        "endpoints",
        "forbiddenAccountIds",
        "httpProxy",
        "httpsProxy",
        "ignoreTags",
        "insecure",
        "maxRetries",
        "noProxy",
        "profile",
        "region",
        "retryMode",
        "s3UsEast1RegionalEndpoint",
        "s3UsePathStyle",
        "secretKey",
        "sharedConfigFiles",
        "sharedCredentialsFiles",
        "skipCredentialsValidation",
        "skipMetadataApiCheck",
        "skipRegionValidation",
        "skipRequestingAccountId",
        "stsRegion",
        "tagPolicyCompliance",
        "token",
        "tokenBucketRateLimiterCapacity",
        "useDualstackEndpoint",
        "useFipsEndpoint",
        "userAgents",
    }
)
# What the SDK and the engine add to any package's settings.
_COMMON = frozenset({"version", "pluginDownloadURL"})


@dataclass(frozen=True)
class AwsSettings:
    """Region, local edge, and whether the stack is one of the stand-in.

    Usage: ``AwsSettings.parse({"allowedAccountIds": '["000000000000"]', "region": "eu-west-1"}).region``.
    Values are texts as in the stack config (JSON for lists) or lists. Raises ProviderError for an unknown setting.
    """

    region: str = ""
    allowed_account_ids: tuple[str, ...] = ()
    cloudfront_endpoint: str = ""

    @classmethod
    def parse(cls, settings: Properties) -> AwsSettings:
        """Settings that are still unknown count as absent: the deployment parses them again."""
        unknown = sorted(set(settings) - SETTINGS - _COMMON)
        if unknown:
            raise ProviderError(f"unknown setting aws:{unknown[0]}; known are {', '.join(sorted(SETTINGS))}")
        known = {name: value for name, value in settings.items() if not holds_unknown(value)}
        return cls(
            region=str(known.get("region") or ""),
            allowed_account_ids=tuple(str(item) for item in _list("allowedAccountIds", known)),
            cloudfront_endpoint=_cloudfront_endpoint(_list("endpoints", known)),
        )

    def require_stand_in(self, types: Collection[str]) -> None:
        """Raise ProviderError unless the stack says that it is for account 000000000000 alone.

        The real provider refuses such a stack in every account, so neither can take the other's. `types` are named.
        """
        if self.allowed_account_ids != (ACCOUNT_ID,):
            first, *others = sorted(types)
            more = f" and {len(others)} more type{'s' * (len(others) > 1)}" if others else ""
            raise ProviderError(
                f"the embedded engine cannot change an AWS account ({first}{more}): deploy this stack with the pulumi "
                "CLI\n"
                f'to try it on this machine alone, set aws:allowedAccountIds to ["{ACCOUNT_ID}"], the account of the '
                "stand-in"
            )


def _list(name: str, settings: Properties) -> list[Any]:
    value = settings.get(name) or []
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, list):
        raise ProviderError(f"aws:{name} must be a list")
    return value


def _cloudfront_endpoint(endpoints: list[Any]) -> str:
    for endpoint in endpoints:
        if not isinstance(endpoint, dict):
            raise ProviderError("aws:endpoints must be a list of objects like {cloudfront: http://127.0.0.1:8002}")
        if endpoint.get("cloudfront"):
            return str(endpoint["cloudfront"])
    return ""
