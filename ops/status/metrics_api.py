"""Reading a Kong's metrics, at its Admin API or its Status API.

Usage::

    api = MetricsApi("http://127.0.0.1:8001", token=None)
    with api:
        text = api.metrics()           # raises AdminApiError
"""

from __future__ import annotations

import time

import httpx

from ops.admin_api import AdminApi, AdminApiError, unreachable
from ops.findings import Finding

_PATH = "/metrics"
_OF_KONG = "\nkong_"
_MOST_BYTES = 32 * 1024 * 1024
_LONGEST_SECONDS = 15


class MetricsApi(AdminApi):
    """A client of one API that has GET /metrics."""

    def metrics(self) -> str:
        """The exposition text of the node's metrics. Raises AdminApiError."""
        try:
            with self._client.stream("GET", _PATH, headers={"Accept": "text/plain"}) as response:
                text = _text(response)
        except httpx.HTTPError as error:
            raise AdminApiError(unreachable(error)) from error
        if response.status_code == 200 and response.headers.get("content-type", "").startswith("text/plain"):
            if _OF_KONG not in "\n" + text:
                raise _without_metrics("it shows metrics, but none of a Kong", "is it another program's address?")
            return text
        if response.status_code == 500:
            message = "its prometheus plugin cannot show the metrics (500)"
            raise _without_metrics(message, "look into Kong's error log, and make up: the stack adds the plugin")
        if self.get(_PATH) is None:  # tells what else is wrong
            fix = "set KONG_PLUGINS=bundled, or add prometheus to its list, and restart Kong"
            raise _without_metrics("it has no /metrics, so this Kong has no prometheus plugin", fix)
        raise _without_metrics("what answers there shows no metrics", "is it another program's address?")

    @property
    def is_control_plane(self) -> bool:
        """Of an Admin API: whether the node behind it proxies no requests. Raises AdminApiError."""
        return ((self.get("/") or {}).get("configuration") or {}).get("role") == "control_plane"


def _text(response: httpx.Response) -> str:
    """The body, unless it does not end: httpx limits the time of each read only."""
    ends = time.monotonic() + _LONGEST_SECONDS
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > _MOST_BYTES or time.monotonic() > ends:
            message = f"its metrics do not end within {_LONGEST_SECONDS} s and {_MOST_BYTES >> 20} MiB"
            raise _without_metrics(message, "is it another program's address?")
    return body.decode("utf-8", "replace")


def _without_metrics(message: str, fix: str) -> AdminApiError:
    return AdminApiError(Finding("metrics", message, fix))
