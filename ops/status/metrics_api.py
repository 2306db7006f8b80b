"""Reading a Kong's metrics, at its Admin API or its Status API.

Usage::

    api = MetricsApi("http://127.0.0.1:8001", token=None)
    with api:
        text = api.metrics()           # raises AdminApiError

No answer takes more memory than _MOST_BYTES: they are not compressed, and cut off there.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from ops.admin_api import AdminApi, AdminApiError, unreachable
from ops.findings import Finding

_PATH = "/metrics"
_OF_KONG = "\nkong_"
_OURS = "\nkong_inference_edge_"
_MOST_BYTES = 32 * 1024 * 1024
_MOST_SERIES = 200_000
_ANOTHER = "is it another program's address?"


class MetricsApi(AdminApi):
    """A client of one API that has GET /metrics."""

    def __init__(self, uri: str, token: str | None = None, *, tls_verify: bool = True) -> None:
        super().__init__(uri, token, tls_verify=tls_verify)
        self._client.headers["Accept-Encoding"] = "identity"
        self._client.event_hooks = {"response": [_limit]}

    def metrics(self) -> str:
        """The exposition text of the node's metrics. Raises AdminApiError."""
        try:
            response = self._client.get(_PATH, headers={"Accept": "text/plain"})
        except httpx.HTTPError as error:
            raise AdminApiError(unreachable(error)) from error
        if response.status_code == 200 and response.headers.get("content-type", "").startswith("text/plain"):
            return _checked("\n" + response.text)
        if response.status_code == 500:
            message = "its prometheus plugin cannot show the metrics (500)"
            raise _without_metrics(message, "look into Kong's error log, and make up: the stack adds the plugin")
        if self.get(_PATH) is None:  # tells what else is wrong
            fix = "set KONG_PLUGINS=bundled, or add prometheus to its list, and restart Kong"
            raise _without_metrics("it has no /metrics, so this Kong has no prometheus plugin", fix)
        raise _without_metrics("what answers there shows no metrics", _ANOTHER)

    @property
    def is_control_plane(self) -> bool:
        """Of an Admin API: whether the node behind it proxies no requests. Raises AdminApiError."""
        configuration = (self.get("/") or {}).get("configuration")
        return isinstance(configuration, dict) and configuration.get("role") == "control_plane"


class _Limited(httpx.SyncByteStream):
    """A body that ends with an error when it is too long."""

    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for piece in self._stream:
            size += len(piece)
            if size > _MOST_BYTES:
                raise _without_metrics(f"its answer does not end within {_MOST_BYTES >> 20} MiB", _ANOTHER)
            yield piece

    def close(self) -> None:
        self._stream.close()


def _limit(response: httpx.Response) -> None:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise _without_metrics("it compresses its answer, which it was not asked to", _ANOTHER)
    assert isinstance(response.stream, httpx.SyncByteStream)
    response.stream = _Limited(response.stream)
    response.encoding = "utf-8"  # the header could name a codec that unpacks


def _checked(text: str) -> str:
    if _OF_KONG not in text:
        raise _without_metrics("it shows metrics, but none of a Kong", _ANOTHER)
    if text.count(_OURS) > _MOST_SERIES:
        raise _without_metrics(f"it shows more than {_MOST_SERIES:,} series of the gateway", "restart this Kong")
    return text


def _without_metrics(message: str, fix: str) -> AdminApiError:
    return AdminApiError(Finding("metrics", message, fix))
