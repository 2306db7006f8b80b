"""What a request to the model may hold."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.model.classifier import MAX_INTENSITY, PIXELS

MAX_INSTANCES = 100
MAX_DECIMALS = 6


class InvalidRequestError(ValueError):
    """The request is not one that the model answers; the text says what is wrong and where."""


@dataclass(frozen=True)
class PredictionRequest:
    """A checked request: the images, and how many decimals the probabilities shall have.

    Usage:
        PredictionRequest.parse(b'{"instances": [[0, 0, 5, ...]], "parameters": {"decimals": 3}}')

    `instances` holds 1 to 100 images of 64 intensities between 0 and 16; `parameters` may be left out.
    Anything else raises InvalidRequestError: other fields, a field given twice, numbers that JSON does not have.
    """

    instances: Sequence[Sequence[float]]
    decimals: int = MAX_DECIMALS

    @classmethod
    def parse(cls, body: bytes) -> PredictionRequest:
        """Check the bytes of a request body."""
        document = _object(_json(body), "the body", {"instances", "parameters"})
        if "instances" not in document:
            raise InvalidRequestError("instances is missing: give a list of images")
        parameters = _object(document.get("parameters", {}), "parameters", {"decimals"})
        return cls(_instances(document["instances"]), _decimals(parameters.get("decimals", MAX_DECIMALS)))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except InvalidRequestError:
        raise
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError(f"the body is not JSON in UTF-8: {error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise InvalidRequestError("a field is given twice")
    return fields


def _no_constant(name: str) -> Any:
    raise InvalidRequestError(f"{name} is no JSON number")


def _object(value: Any, where: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidRequestError(f"{where} must be an object")
    unknown = sorted(set(value) - known)
    if unknown:
        raise InvalidRequestError(f"{where} has unknown fields: {', '.join(unknown)[:200]}")
    return value


def _instances(value: Any) -> list[list[float]]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_INSTANCES:
        raise InvalidRequestError(f"instances must be a list of 1 to {MAX_INSTANCES} images")
    for index, image in enumerate(value):
        if not isinstance(image, list) or len(image) != PIXELS:
            raise InvalidRequestError(f"instances[{index}] must be a list of {PIXELS} numbers")
        for position, intensity in enumerate(image):
            if not _is_intensity(intensity):
                raise InvalidRequestError(f"instances[{index}][{position}] must be a number from 0 to {MAX_INTENSITY}")
    return value


def _is_intensity(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and 0 <= value <= MAX_INTENSITY


def _decimals(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= MAX_DECIMALS:
        raise InvalidRequestError(f"parameters.decimals must be a whole number from 1 to {MAX_DECIMALS}")
    return value
