"""What the operator asks of Google's CDNs: to let objects go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ops.edges import EdgeError

_TIMEOUT_SECONDS = 30.0
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_STAND_IN_PROJECT = "local-stand-in."  # of the embedded engine's gcp provider: nothing there is signed


@dataclass(frozen=True)
class GoogleCdn:
    """Media CDN or Cloud CDN as a stack's `gcp:` config reaches it.

    Usage: ``GoogleCdn.of("media-cdn", config).free("edge-service", model="digits", path="/digits/predict")``. Of the
    config it knows `gcp:project` and the custom endpoints; credentials are Google's application default ones.
    """

    product: Literal["media-cdn", "cloud-cdn"]
    base_url: str
    project: str | None

    @classmethod
    def of(cls, product: Literal["media-cdn", "cloud-cdn"], config: Mapping[str, str]) -> GoogleCdn:
        key, default = {
            "media-cdn": ("gcp:networkServicesCustomEndpoint", "https://networkservices.googleapis.com/v1/"),
            "cloud-cdn": ("gcp:computeCustomEndpoint", "https://compute.googleapis.com/compute/v1/"),
        }[product]
        return cls(product, config.get(key) or default, config.get("gcp:project"))

    def free(self, edge_id: str, *, model: str, path: str) -> str:
        """Removes every object below the model's path; gives what was asked for, in words. Raises EdgeError.

        Sources: Media CDN API, edgeCacheServices.invalidateCache; Compute Engine API, urlMaps.invalidateCache.
        """
        import urllib3
        from google.auth.exceptions import GoogleAuthError

        try:
            http, project = self._client()
            answer = http.request(
                "POST",
                self.base_url.rstrip("/") + self._call(project, edge_id),
                body=json.dumps({"path": path}).encode(),
                headers={"Content-Type": "application/json"},
                timeout=_TIMEOUT_SECONDS,
            )
        except (GoogleAuthError, urllib3.exceptions.HTTPError) as error:
            raise EdgeError(str(error)) from None
        if answer.status >= 300:
            raise EdgeError(f"{answer.status} {_message(answer.data)}")
        return f"what is kept for {path} at {edge_id}"

    def _client(self) -> tuple[Any, str]:
        import google.auth
        import urllib3
        from google.auth.transport.urllib3 import AuthorizedHttp

        if self.project == _STAND_IN_PROJECT:
            return urllib3.PoolManager(), self.project
        credentials, found = google.auth.default(scopes=[_SCOPE])
        project = self.project or found
        if not project:
            raise EdgeError("which project is unknown: set gcp:project")
        return AuthorizedHttp(credentials), project

    def _call(self, project: str, edge_id: str) -> str:
        if self.product == "media-cdn":
            return f"/projects/{project}/locations/global/edgeCacheServices/{edge_id}:invalidateCache"
        return f"/projects/{project}/global/urlMaps/{edge_id}/invalidateCache"


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return "without a reason"
