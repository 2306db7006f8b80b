"""Whom the edge lets in, and what it tells its operators: countries, firewall, logs, alarms."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.edge import limits

from .by_provider import ByProvider
from .countries import COUNTRY
from .field_types import Choice, Decimal, Items, Whole
from .section import Section
from .values import BUCKET_ARN, EDGE_TOPIC_ARN, NOTIFICATION_CHANNEL

_MAX_NOTIFICATION_CHANNELS = 16  # monitoring/quotas: of an alert policy


class GeoRestrictionSettings(Section):
    """Countries whose viewers are let in, or not; exactly one of the two."""

    allow: Annotated[tuple[Annotated[str, COUNTRY], ...], Items(1, 249, "country codes")] | None = None
    """Only viewers of these countries."""
    deny: Annotated[tuple[Annotated[str, COUNTRY], ...], Items(1, 249, "country codes")] | None = None
    """All viewers but those of these countries."""


class FirewallSettings(Section):
    """AWS WAF with AWS's managed rules, or Cloud Armor; and a limit per client address."""

    enabled: bool = True
    """Off: no firewall; geoRestriction stays."""
    rate_limit_per_5_minutes: Annotated[
        int,
        ByProvider(
            cloudfront=Whole(limits.MIN_RATE_LIMIT_REQUESTS, limits.MAX_RATE_LIMIT_REQUESTS, "requests"),
            cloud_cdn=Whole(1, limits.CLOUD_ARMOR_MAX_REQUESTS, "requests"),
        ),
    ] = 2_000
    """Requests of one client address in five minutes, with cloud-cdn those that miss; more get 403, there 429."""
    logging: bool = True
    """Log the requests that a rule counted or blocked, without their query string."""


class EdgeLogSettings(Section):
    """Access logs; CloudFront's leave out the query string, which holds the input, and Google's cannot."""

    enabled: bool = True
    """Off: no access logs."""
    bucket_arn: Annotated[str, BUCKET_ARN] | None = None
    """An existing bucket; by default a private one is made."""
    retention_days: Annotated[int, Choice(limits.LOG_RETENTION_DAYS)] | None = Field(
        default_factory=lambda data: 30 if data["bucket_arn"] is None else None
    )
    """How long the made bucket keeps a log, 30 by default; an existing bucket has its own lifecycle."""
    sample_rate: Annotated[float, Decimal(0, 1, "share of the requests")] = 1.0
    """Which share of the requests is logged."""


class AlarmSettings(Section):
    """Alarms, and a dashboard with them: CloudWatch's, or Cloud Monitoring's."""

    enabled: bool = True
    """Off: neither alarms nor dashboard."""
    topic_arn: Annotated[str, EDGE_TOPIC_ARN] | None = None
    """Whom an alarm tells; by default it only shows."""
    notification_channels: Annotated[
        tuple[Annotated[str, NOTIFICATION_CHANNEL], ...],
        Items(0, _MAX_NOTIFICATION_CHANNELS, "notification channels"),
    ] = ()
    """Whom an alarm tells; by default it only shows."""
    minimum_hit_ratio_percent: Annotated[float, Decimal(0.01, 99.99, "percent")] = 20
    """Fewer hits than this raise the alarm."""
    minimum_requests: Annotated[int, Whole(1, 1_000_000_000, "requests")] = 1_000
    """Requests in five minutes below which the hit ratio says nothing."""
    origin_latency_ms: Annotated[int, Whole(1, 120_000, "milliseconds")] | None = None
    """The 90th percentile of Kong's time to answer that raises the alarm; by default half of the read time-out."""
    error_rate_percent: Annotated[float, Decimal(0.01, 99.99, "percent")] = 5
    """A greater share of 5xx answers raises the alarm."""
