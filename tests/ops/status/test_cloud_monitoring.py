"""What is asked of Cloud Monitoring over real HTTP, and what its answers mean."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import google.auth
import pytest
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError

from ops.edges import EdgeError
from ops.google_cdn import GoogleCdn
from ops.status.cloud_monitoring import google_traffic
from ops.status.edge_traffic import EdgeTraffic
from tests.ops.fake_admin import FakeAdmin, serve
from tests.ops.status.hostile import hostile

END = datetime.datetime(2026, 11, 22, 10, 30, tzinfo=datetime.UTC)
PATH = "/v3/projects/p-12345/timeSeries"


class Monitoring(FakeAdmin):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def answer(self, target: str, token: str | None) -> tuple[int, str, str]:
        self.asked.append(target)
        return super().answer(target, token)

    def counts(self, *series: tuple[str, str, object]) -> None:
        rows = [
            {
                "metric": {"labels": {"cache_result": result, "response_code_class": code}},
                "points": [{"value": {"int64Value": str(count)}}],
            }
            for result, code, count in series
        ]
        self.says(200, {"timeSeries": rows} if rows else {})

    def says(self, status: int, body: dict[str, Any]) -> None:
        self.answers[PATH] = (status, "application/json", json.dumps(body))


@pytest.fixture
def monitoring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitoring]:
    monkeypatch.setattr(google.auth, "default", lambda **_: (AnonymousCredentials(), "p-12345"))
    admin = Monitoring()
    with serve(admin):
        yield admin


def traffic(monitoring: Monitoring, product: Any = "cloud-cdn", project: str | None = None) -> EdgeTraffic:
    return google_traffic(GoogleCdn(product, "", project), "models", END, f"{monitoring.uri}/v3")


def test_requests_are_counted_by_result_and_status(monitoring: Monitoring) -> None:
    monitoring.counts(("HIT", "200", 900), ("MISS", "200", 90), ("MISS", "500", 10), ("DISABLED", "400", 250))
    assert traffic(monitoring) == EdgeTraffic(
        "models", 1250, 0.9, 0.2, 0.008, {"hit": 900, "disabled": 250, "miss": 100}
    )


@pytest.mark.parametrize(
    ("product", "filter_"),
    [
        (
            "cloud-cdn",
            'metric.type="loadbalancing.googleapis.com/https/request_count" AND resource.type="https_lb_rule" '
            'AND resource.labels.url_map_name="models"',
        ),
        (
            "media-cdn",
            'metric.type="edgecache.googleapis.com/edge_cache_route_rule/request_count" AND '
            'resource.type="edgecache.googleapis.com/EdgeCacheRouteRule" AND resource.labels.service_name="models"',
        ),
    ],
)
def test_the_sums_of_the_last_hour_are_asked_for(monitoring: Monitoring, product: str, filter_: str) -> None:
    monitoring.counts()
    traffic(monitoring, product, "p-12345")
    (target,) = monitoring.asked
    assert urlsplit(target).path == PATH
    assert parse_qs(urlsplit(target).query) == {
        "filter": [filter_],
        "interval.startTime": ["2026-11-22T09:30:00+00:00"],
        "interval.endTime": ["2026-11-22T10:30:00+00:00"],
        "aggregation.alignmentPeriod": ["3600s"],
        "aggregation.perSeriesAligner": ["ALIGN_SUM"],
        "aggregation.crossSeriesReducer": ["REDUCE_SUM"],
        "aggregation.groupByFields": ["metric.labels.cache_result", "metric.labels.response_code_class"],
    }


def test_an_edge_without_requests(monitoring: Monitoring) -> None:
    monitoring.counts()
    assert traffic(monitoring) == EdgeTraffic("models", 0, None, None, None, {})


def test_an_edge_that_looked_nothing_up_has_no_hit_ratio(monitoring: Monitoring) -> None:
    monitoring.counts(("DISABLED", "200", 5))
    assert traffic(monitoring).hit_ratio is None


def test_a_refusal_is_told(monitoring: Monitoring) -> None:
    monitoring.says(403, {"error": {"message": "Permission monitoring.timeSeries.list denied"}})
    with pytest.raises(EdgeError, match="403 Permission monitoring.timeSeries.list denied"):
        traffic(monitoring)


def test_an_unreachable_api_is_told(monitoring: Monitoring) -> None:
    monitoring.uri = "http://127.0.0.1:1"
    with pytest.raises(EdgeError, match="^Cloud Monitoring cannot be reached: .*Connection refused"):
        traffic(monitoring)


def test_missing_credentials_are_told(monitoring: Monitoring, monkeypatch: pytest.MonkeyPatch) -> None:
    def default(**_: object) -> None:
        raise DefaultCredentialsError("Your default credentials were not found.")

    monkeypatch.setattr(google.auth, "default", default)
    with pytest.raises(EdgeError, match="default credentials were not found"):
        traffic(monitoring)


def test_an_unknown_project_is_told(monitoring: Monitoring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google.auth, "default", lambda **_: (AnonymousCredentials(), None))
    with pytest.raises(EdgeError, match="set gcp:project"):
        traffic(monitoring)


@pytest.mark.parametrize(
    "body",
    [
        "<html>",
        "[1]",
        "null",
        "[" * 100_000,
        '{"timeSeries": 7}',
        '{"timeSeries": [7]}',
        '{"timeSeries": [{"points": [{"value": {"int64Value": "many"}}]}]}',
        '{"timeSeries": [{"points": [{"value": {"doubleValue": NaN}}]}]}',
        '{"timeSeries": [{"points": [{"value": {"doubleValue": 1e999}}]}]}',
        '{"timeSeries": [{"points": [{"value": {"int64Value": "-5"}}]}]}',
        '{"timeSeries": [{"metric": {"labels": 7}, "points": [{"value": {"int64Value": "5"}}]}]}',
    ],
)
def test_an_answer_that_is_nonsense_is_told(monitoring: Monitoring, body: str) -> None:
    monitoring.answers[PATH] = (200, "application/json", body)
    with pytest.raises(EdgeError, match="^what answers there is not Cloud Monitoring$"):
        traffic(monitoring)


@pytest.mark.parametrize("body", ["<html>", "[]", '{"error": "x"}', "[" * 100_000])
@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_an_error_without_a_reason_is_told(monitoring: Monitoring, status: int, body: str) -> None:
    monitoring.answers[PATH] = (status, "application/json", body)
    with pytest.raises(EdgeError, match=f"^{status} without a reason$"):
        traffic(monitoring)


def test_a_long_reason_is_cut(monitoring: Monitoring) -> None:
    monitoring.says(403, {"error": {"message": "x" * 10_000}})
    with pytest.raises(EdgeError, match="^403 x{300}$"):
        traffic(monitoring)


def test_a_redirect_is_not_followed(monitoring: Monitoring) -> None:
    other = Monitoring()
    with serve(other):
        monitoring.answers[PATH] = (302, "text/plain", other.uri)
        with pytest.raises(EdgeError, match="^302 without a reason$"):
            traffic(monitoring)
    assert other.asked == []


def test_an_answer_without_end_is_cut(monitoring: Monitoring) -> None:
    with hostile(b"HTTP/1.1 200 OK\r\n\r\n{", endless=b" " * 65_536) as uri:
        monitoring.uri = uri
        with pytest.raises(EdgeError, match="is not Cloud Monitoring"):
            traffic(monitoring)
