"""The gcp provider of the embedded engine: a stand-in that records what Google Cloud would be asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from local.engine.errors import ProviderError
from local.engine.providers.gcp.kinds import KINDS
from local.engine.providers.gcp.settings import COMPUTE_ENDPOINT, NETWORK_SERVICES_ENDPOINT, GcpSettings
from local.engine.providers.stand_in.kind import Kind, module_of
from local.engine.providers.stand_in.local_edge import LocalEdge
from local.engine.providers.stand_in.provider import StandInProvider
from local.engine.values import UNKNOWN, Properties

# What of Compute Engine makes no difference to an answer on one machine.
_NOT_AT_THE_EDGE = frozenset(
    {
        "gcp:compute/globalAddress:GlobalAddress",
        "gcp:compute/sSLPolicy:SSLPolicy",
        "gcp:compute/securityPolicy:SecurityPolicy",
    }
)
_NAME = re.compile("[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


class GcpProvider(StandInProvider):
    """Makes ids and outputs like Google's and keeps everything in the state; an edge's resources also at a local edge.

    Usage: ``GcpProvider.configure({"project": "local-stand-in."})``. Checking and previewing work in any stack; changes
    only in one of that project (`GcpSettings.require_stand_in`).
    """

    cloud = "Google Cloud"

    def __init__(self, settings: GcpSettings) -> None:
        self._settings = settings
        given = {
            "compute": (settings.compute_endpoint, COMPUTE_ENDPOINT),
            "networkservices": (settings.network_services_endpoint, NETWORK_SERVICES_ENDPOINT),
        }
        self._edges = {
            module: LocalEdge(endpoint, f"gcp:{setting}") for module, (endpoint, setting) in given.items() if endpoint
        }

    @classmethod
    def configure(cls, settings: Properties) -> GcpProvider:
        """The provider of ``gcp:*`` settings."""
        return cls(GcpSettings.parse(settings))

    def close(self) -> None:
        for edge in self._edges.values():
            edge.close()

    @property
    def _kinds(self) -> Mapping[str, Kind]:
        return KINDS

    def _place(self, type_: str, inputs: Properties) -> Mapping[str, str]:
        return {"project": self._project(inputs)}

    def _require_stand_in(self, types: Collection[str]) -> None:
        self._settings.require_stand_in(types)

    def _edge_of(self, type_: str) -> LocalEdge | None:
        return None if type_ in _NOT_AT_THE_EDGE else self._edges.get(module_of(type_))

    def _check_more(self, type_: str, inputs: Properties) -> None:
        if not self._project(inputs):
            raise ProviderError("gcp:project is missing (pulumi config set gcp:project your-project)")
        name = inputs.get("name", UNKNOWN)
        if module_of(type_) == "compute" and name != UNKNOWN and not _NAME.fullmatch(str(name)):
            raise ProviderError(f"name must have lower-case letters, digits and hyphens alone, at most 63, not {name}")

    def _project(self, inputs: Properties) -> str:
        return str(inputs.get("project") or self._settings.project)
