"""Which resources hold what a new one cannot bring back, and what a preview would do to them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Type -> what is lost. The random bytes of a prediction key are not here: every rollout replaces them, and all that
# goes with them is the cache.
STATEFUL: Mapping[str, str] = {
    "kong:index/consumer:Consumer": "its client has no access until it is made anew",
    "kong:index/consumerKeyAuth:ConsumerKeyAuth": "its client has no access until it is made anew",
    "random:index/randomPassword:RandomPassword": "who holds it is locked out (of an edge's two secrets: a rotation)",
    "aws:acm/certificate:Certificate": "a new certificate has to be validated before it is served",
    "aws:apigateway/apiKey:ApiKey": "the gateway is refused until it has the new key",
    "aws:apigateway/domainName:DomainName": "its host name answers nobody meanwhile",
    "aws:apigateway/restApi:RestApi": "its URL changes",
    "aws:cloudfront/distribution:Distribution": "its domain name changes and its cache is lost",
    "aws:cloudfront/publicKey:PublicKey": "URLs that were signed with it are refused",
    "aws:cloudfront/vpcOrigin:VpcOrigin": "the edge has no origin meanwhile",
    "aws:cloudwatch/logGroup:LogGroup": "its logs are lost",
    "aws:elasticache/serverlessCache:ServerlessCache": "its answers are lost, and its address changes",
    "aws:elasticache/user:User": "the gateway has no shared cache until it is made anew",
    "aws:route53/record:Record": "its host name resolves to nothing meanwhile",
    "aws:s3/bucket:Bucket": "its logs are lost",
    "aws:sagemaker/endpoint:Endpoint": "the model answers nobody meanwhile",
    "gcp:certificatemanager/certificate:Certificate": "a new certificate has to be validated before it is served",
    "gcp:certificatemanager/dnsAuthorization:DnsAuthorization": "its certificate cannot be renewed meanwhile",
    "gcp:compute/backendService:BackendService": "its cache is lost",
    "gcp:compute/backendServiceSignedUrlKey:BackendServiceSignedUrlKey": "URLs that were signed with it are refused",
    "gcp:compute/globalAddress:GlobalAddress": "its address is lost for good",
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": "its address answers nobody meanwhile",
    "gcp:dns/recordSet:RecordSet": "its host name resolves to nothing meanwhile",
    "gcp:networkservices/edgeCacheKeyset:EdgeCacheKeyset": "URLs that were signed with its keys are refused",
    "gcp:networkservices/edgeCacheOrigin:EdgeCacheOrigin": "the edge has no origin meanwhile",
    "gcp:networkservices/edgeCacheService:EdgeCacheService": "its addresses change and its cache is lost",
    "gcp:redis/instance:Instance": "its answers are lost, and its address, password and authority change",
}
_LOSING = ("replace", "delete")


@dataclass(frozen=True)
class PlannedStep:
    """What a preview would do to one resource: `op` is create, update, replace, delete or same."""

    op: str
    urn: str

    @property
    def type(self) -> str:
        """The resource's own type, without those of its parents."""
        return self.urn.split("::")[2].split("$")[-1]

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.split("::", 3)[3]


def losses(steps: Iterable[PlannedStep], allowed: Collection[str]) -> list[PlannedStep]:
    """The stateful resources that would be replaced or deleted, but for those `allowed` by name or URN."""
    return [
        step
        for step in steps
        if step.op in _LOSING and step.type in STATEFUL and not {step.name, step.urn} & set(allowed)
    ]


def steps_of_plan(file: Path) -> list[PlannedStep]:
    """The steps of a plan that `pulumi preview --save-plan` wrote.

    Raises OSError, and ValueError for another file: a plan that cannot be read lets nothing through.
    """
    plan: Any = json.loads(file.read_text(encoding="utf-8"))
    resources = plan.get("resourcePlans") if isinstance(plan, dict) else None
    if not isinstance(resources, dict) or not resources:
        raise ValueError("it has no resourcePlans")
    if any(urn.count("::") < 3 for urn in resources):
        raise ValueError("it names something that is no URN")
    return [PlannedStep(_operation(resource["steps"]), urn) for urn, resource in resources.items()]


def _operation(steps: Iterable[str]) -> str:
    """One word for the steps of one resource, such as create-replacement, replace and delete-replaced."""
    found = set(steps)
    return next((op for op in _LOSING if op in found or f"{op}-replaced" in found), next(iter(found), "same"))
