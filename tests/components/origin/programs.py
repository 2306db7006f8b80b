"""Programs that make an origin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws

from components.origin.sagemaker import SageMakerOrigin

OUTPUTS = ("url", "api_key", "model_version", "rest_api_id", "stage_name")


def origin(args: Any) -> Callable[[], None]:
    """An origin `digits`, its outputs as the stack's, and a parameter that stands for the gateway that uses the URL."""

    def program() -> None:
        made = SageMakerOrigin("digits", args)
        for name in OUTPUTS:
            pulumi.export(name, getattr(made, name))
        aws.ssm.Parameter("gateway", type="String", value=made.url)

    return program
