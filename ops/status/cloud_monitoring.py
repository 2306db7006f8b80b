"""What Cloud Monitoring tells of Media CDN and Cloud CDN."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from ops.edges import EdgeError
from ops.google_cdn import GoogleCdn
from ops.status.edge_traffic import HOUR, EdgeTraffic

_URL = "https://monitoring.googleapis.com/v3"
_SCOPE = "https://www.googleapis.com/auth/monitoring.read"
_TIMEOUT_SECONDS = 15.0
_MOST_BYTES = 4 * 1024 * 1024
_LONGEST_MESSAGE = 300
_NONSENSE = "what answers there is not Cloud Monitoring"
# cloud.google.com/monitoring/api/metrics_gcp and .../monitoring/api/resources: both count by cache_result and
# response_code_class; {id} is the edge's name.
_FILTERS = {
    "media-cdn": 'metric.type="edgecache.googleapis.com/edge_cache_route_rule/request_count"'
    ' AND resource.type="edgecache.googleapis.com/EdgeCacheRouteRule" AND resource.labels.service_name="{id}"',
    "cloud-cdn": 'metric.type="loadbalancing.googleapis.com/https/request_count"'
    ' AND resource.type="https_lb_rule" AND resource.labels.url_map_name="{id}"',
}
_RESULT, _CLASS = "cache_result", "response_code_class"


def google_traffic(edge: GoogleCdn, edge_id: str, end: datetime.datetime, url: str = _URL) -> EdgeTraffic:
    """Of the hour before `end`, with Google's application default credentials. Raises EdgeError."""
    import google.auth
    import urllib3
    from google.auth.exceptions import GoogleAuthError
    from google.auth.transport.urllib3 import AuthorizedHttp

    try:
        credentials, found = google.auth.default(scopes=[_SCOPE])
        project = edge.project or found
        if not project:
            raise EdgeError("which project is unknown: set gcp:project")
        answer = AuthorizedHttp(credentials, urllib3.PoolManager()).request(
            "GET",
            f"{url}/projects/{project}/timeSeries?{_query(edge, edge_id, end)}",
            headers={"Accept-Encoding": "identity"},
            timeout=_TIMEOUT_SECONDS,
            retries=urllib3.Retry(1, redirect=False),
            preload_content=False,
        )
        body = answer.read(_MOST_BYTES, decode_content=False)
        answer.release_conn()
    except GoogleAuthError as error:
        raise EdgeError(str(error)[:_LONGEST_MESSAGE]) from None
    except urllib3.exceptions.HTTPError as error:
        raise EdgeError(f"Cloud Monitoring cannot be reached: {_reason(error)}") from None
    if answer.status >= 300:
        raise EdgeError(f"{answer.status} {_message(body)}")
    try:
        return _traffic(edge_id, json.loads(body))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise EdgeError(_NONSENSE) from None


def _query(edge: GoogleCdn, edge_id: str, end: datetime.datetime) -> str:
    """Source: Cloud Monitoring API, projects.timeSeries.list."""
    labels = [("aggregation.groupByFields", f"metric.labels.{label}") for label in (_RESULT, _CLASS)]
    return urlencode(
        [
            ("filter", _FILTERS[edge.product].format(id=edge_id)),
            ("interval.startTime", (end - HOUR).isoformat()),
            ("interval.endTime", end.isoformat()),
            ("aggregation.alignmentPeriod", f"{HOUR.total_seconds():.0f}s"),
            ("aggregation.perSeriesAligner", "ALIGN_SUM"),
            ("aggregation.crossSeriesReducer", "REDUCE_SUM"),
            *labels,
        ]
    )


def _traffic(edge_id: str, answer: dict[str, Any]) -> EdgeTraffic:
    by_result: Counter[str] = Counter()
    by_class: Counter[str] = Counter()
    for labels, count in _series(answer):
        by_result[str(labels.get(_RESULT) or "unknown").lower()] += count
        by_class[str(labels.get(_CLASS))[:1]] += count
    requests = by_result.total()
    hits, misses = by_result["hit"], by_result["miss"]  # as the alarm of the hit ratio counts
    return EdgeTraffic(
        edge_id=edge_id,
        requests=requests,
        hit_ratio=hits / (hits + misses) if hits + misses else None,
        client_error_ratio=by_class["4"] / requests if requests else None,
        server_error_ratio=by_class["5"] / requests if requests else None,
        by_result={result: count for result, count in by_result.most_common() if count},
    )


def _series(answer: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int]]:
    for series in answer.get("timeSeries") or ():
        values = (point.get("value") or {} for point in series.get("points") or ())
        counts = [float(value.get("int64Value") or value.get("doubleValue") or 0) for value in values]
        if any(count < 0 for count in counts):
            raise ValueError("requests are not counted backwards")
        yield (series.get("metric") or {}).get("labels") or {}, round(sum(counts))


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"])[:_LONGEST_MESSAGE]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "without a reason"


def _reason(error: Exception) -> str:
    """Without the address asked, which is long."""
    cause = getattr(error, "reason", None) or error
    return str(cause).rpartition(": ")[2][:_LONGEST_MESSAGE]
