"""Rules about what answers a model's requests: a URL, a SageMaker endpoint or a pool."""

from __future__ import annotations

from collections.abc import Iterator

from components.edge import limits

from .conflict import Conflict
from .models import ModelSettings
from .origin_models import SageMakerSettings
from .problems import Path
from .values import ENDPOINT_ARN, URL, VERSION


def origin_conflicts(at: Path, model: ModelSettings) -> Iterator[Conflict]:
    """Conflicts within the model at ``at``."""
    endpoint, sagemaker, pool = (*at, "endpoint"), (*at, "sagemaker"), (*at, "pool")
    given = {"sagemaker": model.sagemaker, "pool": model.pool, "endpoint": model.endpoint}
    first, *others = [name for name, value in given.items() if value is not None] or [""]
    if not first:
        yield Conflict(
            endpoint, f"required but missing; {URL.must}, or give sagemaker or pool instead", (sagemaker, pool)
        )
    for other in others:
        message = f"must be left out with {first}: a request goes to one of the two"
        yield Conflict((*at, other), message, ((*at, first),))
    if model.version is None and not (model.sagemaker and model.sagemaker.endpoint):
        yield Conflict((*at, "version"), f"required but missing; {VERSION.must}", (sagemaker,))
    if model.sagemaker:
        yield from _endpoint(sagemaker, model.sagemaker)
        if model.cache.enabled:
            yield from _mixed_answers(sagemaker, model.sagemaker, (*at, "cache", "enabled"))
        yield from _limits(at, model, model.sagemaker)


def _endpoint(at: Path, sagemaker: SageMakerSettings) -> Iterator[Conflict]:
    arn, made = (*at, "endpointArn"), (*at, "endpoint")
    if sagemaker.endpoint_arn is None and sagemaker.endpoint is None:
        yield Conflict(arn, f"required but missing; {ENDPOINT_ARN.must}, or give endpoint instead", (made,))
    if sagemaker.endpoint_arn and sagemaker.endpoint:
        yield Conflict(arn, "must be left out with endpoint: that one is made by this stack", (made,))
    if sagemaker.variants and sagemaker.target_variant not in (None, *sagemaker.variants):
        message = f"must be one of variants ({', '.join(sagemaker.variants)}): the endpoint knows no other"
        yield Conflict((*at, "targetVariant"), message, ((*at, "variants"),))
    if sagemaker.private and sagemaker.custom_domain:
        message = "must be left out with private: a private API is reached by the name of its VPC endpoint"
        yield Conflict((*at, "customDomain"), message, ((*at, "private"),))


def _mixed_answers(at: Path, sagemaker: SageMakerSettings, enabled: Path) -> Iterator[Conflict]:
    if len(sagemaker.variants) > 1 and sagemaker.target_variant is None:
        message = (
            "must be one alone, or targetVariant must name the one that answers, or cache.enabled be false: "
            "the cache would give one variant's answer for another's"
        )
        yield Conflict((*at, "variants"), message, ((*at, "targetVariant"), enabled))
    if sagemaker.endpoint and sagemaker.endpoint.deployment.canary_percent is not None:
        message = (
            "must be left out unless cache.enabled is false: two versions would answer at a time, "
            "and the cache would give one's answer for the other's"
        )
        yield Conflict((*at, "endpoint", "deployment", "canaryPercent"), message, (enabled,))


def _limits(at: Path, model: ModelSettings, sagemaker: SageMakerSettings) -> Iterator[Conflict]:
    waits = {"readSeconds": model.timeouts.read_seconds, "streamSeconds": model.timeouts.stream_seconds}
    for name, seconds in waits.items():
        if seconds is not None and seconds < sagemaker.timeout_seconds:
            message = (
                f"must be at least sagemaker.timeoutSeconds ({sagemaker.timeout_seconds}): "
                "Kong would give up while the model still works, and its answer would be lost"
            )
            yield Conflict((*at, "timeouts", name), message, ((*at, "sagemaker", "timeoutSeconds"),))
    if model.access.max_request_bytes > limits.MAX_INVOCATION_BYTES:
        message = (
            f"must be at most {limits.MAX_INVOCATION_BYTES} with sagemaker: InvokeEndpoint takes no larger request, "
            f"and API Gateway none above {limits.MAX_PAYLOAD_BYTES}"
        )
        yield Conflict((*at, "access", "maxRequestBytes"), message, ((*at, "sagemaker"),))
