"""The types of Cloud Monitoring."""

from __future__ import annotations

from collections.abc import Mapping

from local.engine.providers.gcp.kind import Kind

KINDS: Mapping[str, Kind] = {
    "gcp:monitoring/alertPolicy:AlertPolicy": Kind("projects/{project}/alertPolicies/{number18}", {"name": "{id}"}),
    "gcp:monitoring/dashboard:Dashboard": Kind("projects/{project}/dashboards/{uuid}"),
}
