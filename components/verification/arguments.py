"""Arguments of verification, and their defaults in one place."""

from typing import Any, NotRequired, TypedDict

import pulumi


class ToleranceArgs(TypedDict):
    field: pulumi.Input[str]
    """The answer's field, as names joined by dots, arrays left out, such as predictions.score; * for all others."""
    difference: pulumi.Input[float]
    """By how much its numbers may differ."""


class VerifyArgs(TypedDict):
    share: NotRequired[pulumi.Input[float]]
    """Of how many hits the model is asked again, from 0.0001 to 1; by default 0.01."""
    max_mismatch_ratio: NotRequired[pulumi.Input[float]]
    """Above it the model's cache goes to bypass; by default 0.01."""
    max_per_second: NotRequired[pulumi.Input[float]]
    """How many hits a node verifies in a second at most; by default 10."""
    max_in_flight: NotRequired[pulumi.Input[int]]
    """No verification begins while a Kong worker has so many requests of this model at the model; by default 8."""
    tolerances: NotRequired[list[ToleranceArgs]]
    """Numbers that may differ a little; by default answers are the same when every byte is."""
    ignore_fields: NotRequired[list[pulumi.Input[str]]]
    """Fields of the answer that may differ, such as an id, in the form of `tolerances`."""


VERIFY: dict[str, Any] = {
    "share": 0.01,
    "max_mismatch_ratio": 0.01,
    "max_per_second": 10,
    "max_in_flight": 8,
    "tolerances": [],
    "ignore_fields": [],
}
ANSWER_FIELD = r'\*|[^".\\\x00-\x1f]{1,128}(?:\.[^".\\\x00-\x1f]{1,128}){0,15}'
"""A field of the answer: names that need no escape in JSON, and have no dot."""
MAX_FIELDS = 64
