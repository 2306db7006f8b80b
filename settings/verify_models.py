"""Shadow verification: how often the model is asked again for a cached answer, and when its cache goes to bypass."""

from __future__ import annotations

from typing import Annotated

from components.verification.arguments import ANSWER_FIELD, MAX_FIELDS, VERIFY

from .field_types import Decimal, Items, Text, Whole
from .section import Section

_FIELD = Text(ANSWER_FIELD, "a field of the answer such as predictions.score (arrays are left out), or *")
_IGNORED = Text(
    ANSWER_FIELD,
    "a field of the answer such as predictions.id (arrays are left out)",
    refused=("*",),
    why_refused="it would compare nothing",
)


class ToleranceSettings(Section):
    """A number of the answer that may differ a little."""

    field: Annotated[str, _FIELD]
    """Its names joined by dots, arrays left out, such as predictions.score; "*" for all others."""
    difference: Annotated[float, Decimal(0, 1e300, "of the field's unit")]
    """By how much it may differ."""


class VerifySettings(Section):
    """Asks the model again for some hits, in the background, and compares the answers."""

    share: Annotated[float, Decimal(0.0001, 1, "of the hits")] = VERIFY["share"]
    """Of how many hits the model is asked again. After a mismatch: of all, until it is known what is the matter."""
    max_mismatch_ratio: Annotated[float, Decimal(0.0001, 0.5, "of the comparisons")] = VERIFY["max_mismatch_ratio"]
    """Above it the node's cache of the model goes to bypass, until an operator gives it a new generation or version."""
    max_per_second: Annotated[float, Decimal(0.001, 1_000, "a second")] = VERIFY["max_per_second"]
    """How many hits a node verifies at most; always one at a time."""
    max_in_flight: Annotated[int, Whole(1, 10_000, "requests")] = VERIFY["max_in_flight"]
    """No verification begins while a Kong worker waits for so many answers of this model."""
    tolerances: Annotated[tuple[ToleranceSettings, ...], Items(0, MAX_FIELDS, "fields")] = ()
    """Numbers that may differ a little; by default answers are the same when every byte is."""
    ignore_fields: Annotated[tuple[Annotated[str, _IGNORED], ...], Items(0, MAX_FIELDS, "fields")] = ()
    """Fields of the answer that may differ, such as an id or a time."""
