"""Names and defaults that the components have too."""

from __future__ import annotations

from typing import Any

import pytest

from components.edge import arguments as edge
from components.edge.google import arguments as google
from components.gateway import arguments as components
from components.gateway.arguments import KongCachedRouteArgs
from components.origin import arguments as origin
from components.prediction_key import KEY_HEADER
from components.wiring import EDGE_CONSUMER
from settings import access_models, cache_models, edge_model_rules, edge_models, models, origin_models
from settings import edge_operation_models as operations
from settings.cache_models import TTL_SECONDS_BY_PROFILE
from settings.edge_authentication_models import EdgeAuthenticationSettings
from settings.edge_origin_models import EdgeOriginSettings, VpcOriginSettings
from settings.edge_providers import ONLY_WITH, takes
from settings.outline import section_at
from tests.settings.support import edge_stack, google_stack, model, parsed, problems, sagemaker_model, stack


def test_defaults_are_those_of_the_components() -> None:
    settings = parsed(stack(model(access={"mode": "upstream-credential", "cors": {"origins": ["https://a.b"]}})))
    (digits,) = settings.models
    cache = digits.cache.model_dump()
    assert {key: list(v) if isinstance(v := cache[key], tuple) else v for key in components.CACHE} == components.CACHE
    assert components.TTL_SECONDS == TTL_SECONDS_BY_PROFILE
    assert digits.timeouts.model_dump(exclude_none=True) == components.TIMEOUTS
    assert digits.retries == components.RETRIES
    assert settings.dictionary == components.DICTIONARY
    assert digits.access.max_request_bytes == components.MAX_REQUEST_BYTES
    assert list(digits.access.credential_headers) == components.CREDENTIAL_HEADERS
    assert digits.access.cors is not None
    assert digits.access.cors.max_age_seconds == components.CORS_MAX_AGE_SECONDS


def test_the_internal_key_header_cannot_be_part_of_the_key() -> None:
    (problem,) = problems(stack(model(cache={"keyHeaders": [KEY_HEADER.lower()]})))
    assert "is not allowed here" in problem


def test_defaults_of_the_edge_are_those_of_the_component() -> None:
    found = parsed(edge_stack()).edge
    assert found.origin.port == edge.PORTS["https"]
    assert found.firewall.rate_limit_per_5_minutes == edge.RATE_LIMIT_PER_5_MINUTES
    assert found.logs.retention_days == edge.RETENTION_DAYS
    assert found.alarms.minimum_hit_ratio_percent == edge.MINIMUM_HIT_RATIO_PERCENT
    assert found.alarms.minimum_requests == edge.MINIMUM_REQUESTS
    assert found.alarms.error_rate_percent == edge.ERROR_RATE_PERCENT
    assert edge_model_rules.EDGE_CONSUMER == EDGE_CONSUMER


def test_defaults_of_sagemaker_are_those_of_the_component() -> None:
    found = parsed(stack(sagemaker_model({"endpointArn": None, "endpoint": {"configName": "d"}}))).models[0].sagemaker
    assert found is not None and found.endpoint is not None
    assert list(found.content_types) == origin.CONTENT_TYPES
    assert found.timeout_seconds == origin.TIMEOUT_SECONDS
    assert (found.throttle.rate_per_second, found.throttle.burst) == (origin.RATE_PER_SECOND, origin.BURST)
    assert found.logs.retention_days == origin.RETENTION_DAYS
    assert found.endpoint.deployment.bake_seconds == origin.BAKE_SECONDS
    assert found.endpoint.deployment.termination_wait_seconds == origin.TERMINATION_WAIT_SECONDS


@pytest.mark.parametrize(
    ("section", "arguments", "only_here"),
    [
        (cache_models.CacheSettings, components.CacheArgs, set()),
        (access_models.AccessSettings, components.AccessArgs, set()),
        (models.TimeoutSettings, components.TimeoutArgs, set()),
        (models.ModelSettings, KongCachedRouteArgs, {"name", "route", "sagemaker"}),
        (origin_models.SageMakerSettings, origin.SageMakerOriginArgs, {"variants"}),
        (origin_models.SageMakerEndpointSettings, origin.EndpointArgs, set()),
        (origin_models.DeploymentSettings, origin.EndpointDeploymentArgs, set()),
        (origin_models.ThrottleSettings, origin.ThrottleArgs, set()),
        (origin_models.SageMakerLogSettings, origin.OriginLogsArgs, set()),
        (origin_models.CustomDomainSettings, origin.CustomDomainArgs, set()),
        (origin_models.PrivateApiSettings, origin.PrivateApiArgs, set()),
    ],
)
def test_every_key_is_an_argument_of_the_component(section: Any, arguments: Any, only_here: set[str]) -> None:
    assert set(section.model_fields) - set(arguments.__annotations__) == only_here


@pytest.mark.parametrize(
    ("provider", "at", "section", "arguments", "only_here"),
    [
        ("cloudfront", (), edge_models.EdgeSettings, edge.CloudFrontArgs, {"provider"}),
        ("cloudfront", ("origin",), EdgeOriginSettings, edge.EdgeOriginArgs, {"secret_rotation"}),
        ("cloudfront", ("origin", "vpc"), VpcOriginSettings, edge.VpcOriginArgs, set()),
        ("cloudfront", ("authentication",), EdgeAuthenticationSettings, edge.EdgeAuthenticationArgs, set()),
        ("cloudfront", ("geoRestriction",), operations.GeoRestrictionSettings, edge.GeoRestrictionArgs, set()),
        ("cloudfront", ("firewall",), operations.FirewallSettings, edge.FirewallArgs, set()),
        ("cloudfront", ("logs",), operations.EdgeLogSettings, edge.AccessLogArgs, set()),
        ("cloudfront", ("alarms",), operations.AlarmSettings, edge.AlarmArgs, set()),
        ("media-cdn", (), edge_models.EdgeSettings, google.MediaCdnArgs, {"provider"}),
        ("media-cdn", ("origin",), EdgeOriginSettings, google.MediaCdnOriginArgs, {"secret_rotation"}),
        (
            *("media-cdn", ("authentication",), EdgeAuthenticationSettings, google.MediaCdnAuthenticationArgs),
            {"shared_key_secret_versions"},  # shared_keys: a name that asks for no secret here
        ),
        ("cloud-cdn", (), edge_models.EdgeSettings, google.CloudCdnArgs, {"provider", "authentication"}),
        ("cloud-cdn", ("origin",), EdgeOriginSettings, google.GoogleOriginArgs, {"secret_rotation"}),
        ("cloud-cdn", ("firewall",), operations.FirewallSettings, google.GoogleFirewallArgs, set()),
        *(
            (provider, *section)
            for provider in ("media-cdn", "cloud-cdn")
            for section in (
                (("geoRestriction",), operations.GeoRestrictionSettings, edge.GeoRestrictionArgs, set()),
                (("logs",), operations.EdgeLogSettings, google.GoogleLogArgs, set()),
                (("alarms",), operations.AlarmSettings, google.GoogleAlarmArgs, set()),
            )
        ),
    ],
)
def test_what_a_provider_takes_is_what_its_component_does(
    provider: str, at: tuple[str, ...], section: Any, arguments: Any, only_here: set[str]
) -> None:
    fields = section.model_fields.items()
    taken = {name for name, field in fields if takes(provider, (*at, field.alias or name))}
    assert taken ^ (taken & set(arguments.__annotations__)) == only_here
    assert not set(arguments.__annotations__) - taken - {"shared_keys", "name"}


def test_defaults_of_googles_edges_are_those_of_their_components() -> None:
    for provider in ("media-cdn", "cloud-cdn"):
        found = parsed(google_stack(provider)).edge
        assert found.origin.port == edge.PORTS["https"]
        assert found.logs.sample_rate == google.SAMPLE_RATE
        assert found.alarms.minimum_hit_ratio_percent == edge.MINIMUM_HIT_RATIO_PERCENT
        assert found.alarms.minimum_requests == edge.MINIMUM_REQUESTS
        assert found.alarms.error_rate_percent == edge.ERROR_RATE_PERCENT
    assert found.firewall.rate_limit_per_5_minutes == edge.RATE_LIMIT_PER_5_MINUTES


def test_every_key_of_the_table_exists() -> None:
    for path in ONLY_WITH:
        section = section_at(("edge", *path[:-1]))
        assert section is not None
        assert path[-1] in {field.alias for field in section.model_fields.values()}
