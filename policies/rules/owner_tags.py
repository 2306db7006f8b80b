"""Tags and labels, each cloud's own way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .kong_types import PLUGIN, ROUTE, SERVICE
from .reading import document, get, texts
from .rule import Resource

_KONG = (SERVICE, ROUTE, PLUGIN, "kong:index/consumer:Consumer")
_AWS = (
    "aws:acm/certificate:Certificate",
    "aws:apigateway/apiKey:ApiKey",
    "aws:apigateway/domainName:DomainName",
    "aws:apigateway/restApi:RestApi",
    "aws:apigateway/stage:Stage",
    "aws:apigateway/usagePlan:UsagePlan",
    "aws:apigatewayv2/api:Api",
    "aws:apigatewayv2/stage:Stage",
    "aws:cloudfront/distribution:Distribution",
    "aws:cloudfront/vpcOrigin:VpcOrigin",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:dynamodb/table:Table",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:elasticache/serverlessCache:ServerlessCache",
    "aws:elasticache/user:User",
    "aws:elasticache/userGroup:UserGroup",
    "aws:iam/policy:Policy",
    "aws:iam/role:Role",
    "aws:lambda/function:Function",
    "aws:rds/cluster:Cluster",
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
    "aws:sagemaker/endpoint:Endpoint",
    "aws:wafv2/webAcl:WebAcl",
)
_GOOGLE = (
    "gcp:certificatemanager/certificate:Certificate",
    "gcp:certificatemanager/certificateMap:CertificateMap",
    "gcp:compute/globalAddress:GlobalAddress",
    "gcp:compute/globalForwardingRule:GlobalForwardingRule",
    "gcp:networkservices/edgeCacheKeyset:EdgeCacheKeyset",
    "gcp:networkservices/edgeCacheOrigin:EdgeCacheOrigin",
    "gcp:networkservices/edgeCacheService:EdgeCacheService",
    "gcp:redis/instance:Instance",
    "gcp:storage/bucket:Bucket",
)
TAGGED = (*_KONG, *_AWS, *_GOOGLE)


def missing_keys(resource: Resource, keys: Sequence[str]) -> list[str]:
    """The keys that a resource has no tag of. Kong's tags are texts key:value, the clouds' are mappings."""
    provider = resource.provider.props if resource.provider else {}
    if resource.resource_type in _KONG:
        present = {tag.partition(":")[0] for tag in texts(resource.props, "tags")}
    elif resource.resource_type in _AWS:
        present = {*_keys(get(resource.props, "tags")), *_keys(get(document(provider, "defaultTags"), "tags"))}
    else:
        present = {*_keys(get(resource.props, "labels")), *_keys(document(provider, "defaultLabels"))}
    return [key for key in keys if key.lower() not in present]


def _keys(tags: Any) -> set[str]:
    return {str(key).lower() for key in tags} if isinstance(tags, Mapping) else set()
