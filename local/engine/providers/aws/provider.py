"""The aws provider of the embedded engine: a stand-in that records what AWS would be asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from local.engine.errors import ProviderError
from local.engine.providers.aws.kind import is_regional
from local.engine.providers.aws.kinds import KINDS
from local.engine.providers.aws.settings import ACCOUNT_ID, EDGE_SETTING, AwsSettings
from local.engine.providers.stand_in.kind import Kind, module_of
from local.engine.providers.stand_in.local_edge import LocalEdge
from local.engine.providers.stand_in.provider import StandInProvider
from local.engine.values import Properties

# CloudFront has no object of its own for it, and its id is the distribution's.
_NOT_AT_THE_EDGE = "aws:cloudfront/monitoringSubscription:MonitoringSubscription"


class AwsProvider(StandInProvider):
    """Makes ids and outputs like AWS's and keeps everything in the state; resources of CloudFront also at a local edge.

    Usage: ``AwsProvider.configure({"region": "eu-west-1", "allowedAccountIds": '["000000000000"]'})``. Checking and
    previewing work in any stack; changes only in one of account 000000000000 (`AwsSettings.require_stand_in`).
    """

    cloud = "AWS"

    def __init__(self, settings: AwsSettings) -> None:
        self._settings = settings
        endpoint = settings.cloudfront_endpoint
        self._edge = LocalEdge(endpoint, EDGE_SETTING) if endpoint else None

    @classmethod
    def configure(cls, settings: Properties) -> AwsProvider:
        """The provider of ``aws:*`` settings."""
        return cls(AwsSettings.parse(settings))

    def close(self) -> None:
        if self._edge is not None:
            self._edge.close()

    @property
    def _kinds(self) -> Mapping[str, Kind]:
        return KINDS

    def _place(self, type_: str, inputs: Properties) -> Mapping[str, str]:
        return {"account": ACCOUNT_ID, **({"region": self._region(inputs)} if is_regional(type_) else {})}

    def _require_stand_in(self, types: Collection[str]) -> None:
        self._settings.require_stand_in(types)

    def _edge_of(self, type_: str) -> LocalEdge | None:
        return self._edge if module_of(type_) == "cloudfront" and type_ != _NOT_AT_THE_EDGE else None

    def _check_more(self, type_: str, inputs: Properties) -> None:
        if is_regional(type_) and not self._region(inputs):
            raise ProviderError("aws:region is missing (pulumi config set aws:region eu-west-1)")
        for prefix in ("namePrefix", "bucketPrefix"):
            if prefix in inputs:
                raise ProviderError(f"the embedded engine does not support {prefix}: leave it away, or set the name")

    def _region(self, inputs: Properties) -> str:
        return str(inputs.get("region") or self._settings.region)
