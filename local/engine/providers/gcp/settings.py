"""The settings of the gcp stand-in: those of the real provider, of which it uses three."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from local.engine.errors import ProviderError
from local.engine.values import Properties, holds_unknown

# A project id has lower-case letters, digits and hyphens alone (Resource Manager API, projects.create). Google can have
# no project with this dot in its id, and refuses every call for it.
PROJECT_ID = "local-stand-in."
NETWORK_SERVICES_ENDPOINT = "networkServicesCustomEndpoint"
COMPUTE_ENDPOINT = "computeCustomEndpoint"
SETTINGS = frozenset(
    {
        "accessToken",
        "addPulumiAttributionLabel",
        "batching",
        "billingProject",
        "credentials",
        "defaultLabels",
        "deletionPolicy",
        "disableGooglePartnerName",
        "externalCredentials",
        "googlePartnerName",
        "impersonateServiceAccount",
        "impersonateServiceAccountDelegates",
        "pollInterval",
        "preferGlobalEndpoints",
        "preferRegionalEndpoints",
        "project",
        "pulumiAttributionLabelAdditionStrategy",
        "region",
        "requestReason",
        "requestTimeout",
        "scopes",
        "universeDomain",
        "userProjectOverride",
        "zone",
    }
)
# Each of Google's services has one; what the SDK and the engine add to any package's settings.
_ENDPOINT_SUFFIX, _COMMON = "CustomEndpoint", frozenset({"version", "pluginDownloadURL"})


@dataclass(frozen=True)
class GcpSettings:
    """Project, the local edge for each service, and whether the stack is one of the stand-in.

    Usage: ``GcpSettings.parse({"project": "local-stand-in."}).project``. Endpoints are addresses without a path: the
    real provider's end with an API's version, such as http://127.0.0.1:8002/compute/v1/. Raises ProviderError for an
    unknown setting.
    """

    project: str = ""
    network_services_endpoint: str = ""
    compute_endpoint: str = ""

    @classmethod
    def parse(cls, settings: Properties) -> GcpSettings:
        """Settings that are still unknown count as absent: the deployment parses them again."""
        unknown = sorted(name for name in set(settings) - SETTINGS - _COMMON if not name.endswith(_ENDPOINT_SUFFIX))
        if unknown:
            known = ", ".join([*sorted(SETTINGS), f"<service>{_ENDPOINT_SUFFIX}"])
            raise ProviderError(f"unknown setting gcp:{unknown[0]}; known are {known}")
        known = {name: str(value or "") for name, value in settings.items() if not holds_unknown(value)}
        return cls(
            project=known.get("project", ""),
            network_services_endpoint=_address(known.get(NETWORK_SERVICES_ENDPOINT, "")),
            compute_endpoint=_address(known.get(COMPUTE_ENDPOINT, "")),
        )

    def require_stand_in(self, types: Collection[str]) -> None:
        """Raise ProviderError unless the stack is for the project that Google cannot have. `types` are named.

        The real provider can change nothing there, so neither can take the other's.
        """
        if self.project != PROJECT_ID:
            first, *others = sorted(types)
            more = f" and {len(others)} more type{'s' * (len(others) > 1)}" if others else ""
            raise ProviderError(
                f"the embedded engine cannot change a Google Cloud project ({first}{more}): deploy this stack with the "
                "pulumi CLI\n"
                f'to try it on this machine alone, set gcp:project to "{PROJECT_ID}" with the dot, the project of the '
                "stand-in"
            )


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else url
