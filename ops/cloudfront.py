"""What the operator asks of CloudFront: to let objects go."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ops.edges import EdgeError

_ALL_OF = "#{tag}"
_STAND_IN_ACCOUNTS = ["000000000000"]  # of the embedded engine's aws provider: nothing there is signed


@dataclass(frozen=True)
class CloudFront:
    """CloudFront as a stack's `aws:` config reaches it.

    Usage: ``CloudFront.of(config).free("E1EXAMPLE", model="digits", path="/digits/predict")``. Of the config it knows
    `aws:profile` and the `cloudfront` of `aws:endpoints`; credentials are found as by the AWS CLI.
    """

    endpoint_url: str | None = None
    profile: str | None = None
    signed: bool = True

    @classmethod
    def of(cls, config: Mapping[str, str]) -> CloudFront:
        endpoints = _parsed(config.get("aws:endpoints")) or [{}]
        return cls(
            endpoint_url=endpoints[0].get("cloudfront"),
            profile=config.get("aws:profile"),
            signed=_parsed(config.get("aws:allowedAccountIds")) != _STAND_IN_ACCOUNTS,
        )

    def free(self, edge_id: str, *, model: str, path: str) -> str:
        """Removes every object that has the model as its cache tag; gives what was asked for, in words.

        Raises EdgeError. Source: CloudFront Developer Guide, "Specify objects to invalidate by cache tag".
        """
        import botocore.session  # 0.2 s, and only a purge needs it
        from botocore import UNSIGNED
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        batch = {"Paths": {"Quantity": 1, "Items": [_ALL_OF.format(tag=model)]}, "CallerReference": str(uuid.uuid4())}
        try:
            client: Any = botocore.session.Session(profile=self.profile).create_client(
                "cloudfront",
                region_name="us-east-1",
                endpoint_url=self.endpoint_url,
                config=Config() if self.signed else Config(signature_version=UNSIGNED),
            )
            made = client.create_invalidation(DistributionId=edge_id, InvalidationBatch=batch)
        except (BotoCoreError, ClientError) as error:
            raise EdgeError(str(error)) from None
        return f"what is tagged {model} (invalidation {made['Invalidation']['Id']} of {edge_id})"


def _parsed(value: str | None) -> Any:
    try:
        return json.loads(value) if value else None
    except ValueError:
        return None
