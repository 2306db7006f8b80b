"""What a model's calls cost."""

from typing import NotRequired, TypedDict

import pulumi


class CostArgs(TypedDict):
    per_call: NotRequired[pulumi.Input[float]]
    """The price of one call of the model; or per_instance_hour."""
    per_instance_hour: NotRequired[pulumi.Input[float]]
    """The price of an instance of the model for an hour."""
    concurrency: NotRequired[pulumi.Input[int]]
    """per_instance_hour only: how many calls an instance answers at once; by default 1."""
    as_of: pulumi.Input[str]
    """The day from which on the price is known, such as 2026-11-01."""
