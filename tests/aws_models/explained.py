"""Wrong inputs that no check can catch, each by name with the reason."""

from __future__ import annotations

_FREE_TEXT = "free text"
_DEFAULT = "the provider alone requires it, AWS has the same default"
_OWN_NAME = "a name that its owner chooses freely"
_TEMPLATE = "a template in VTL, which only API Gateway can read"

EXPLAINED = {
    "Distribution comment: wrong text": _FREE_TEXT,
    "Function comment: wrong text": _FREE_TEXT,
    "CachePolicy comment: wrong text": _FREE_TEXT,
    "OriginRequestPolicy comment: wrong text": _FREE_TEXT,
    "ResponseHeadersPolicy comment: wrong text": _FREE_TEXT,
    "KeyGroup comment: wrong text": _FREE_TEXT,
    "ApiKey description: wrong text": _FREE_TEXT,
    "MetricAlarm alarmDescription: wrong text": _FREE_TEXT,
    "MetricAlarm metricQueries.label: wrong text": _FREE_TEXT,
    "Deployment triggers.*: wrong text": "the provider compares it, AWS never sees it",
    "VpcOrigin vpcOriginEndpointConfig.name: wrong text": _OWN_NAME,
    "BucketLifecycleConfiguration rules.id: wrong text": _OWN_NAME,
    "BucketLifecycleConfiguration rules.filter.prefix: wrong text": "a key of S3 may have any characters",
    "Endpoint deploymentConfig.autoRollbackConfiguration.alarms.alarmName: wrong text": _OWN_NAME,
    "Integration requestTemplates.*: wrong text": _TEMPLATE,
    "IntegrationResponse responseTemplates.*: wrong text": _TEMPLATE,
    "Response responseTemplates.*: wrong text": _TEMPLATE,
    "Distribution defaultCacheBehavior.cachedMethods: missing": _DEFAULT,
    "Distribution orderedCacheBehaviors.cachedMethods: missing": _DEFAULT,
    "VpcOrigin vpcOriginEndpointConfig.originSslProtocols.quantity: missing": "it follows from the items",
    "BucketLifecycleConfiguration rules.id: missing": "the provider alone requires it, S3 makes one up",
}
