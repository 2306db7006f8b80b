"""The router: one entry path for many models, chosen by the name that the request's body gives."""

from __future__ import annotations

from typing import Annotated

from components.prediction_key import KEY_HEADERS

from .field_types import Items, Text, Whole
from .section import Section
from .values import (
    FRAMING_HEADERS,
    HEADER,
    HEADER_ALLOWED,
    HOP_BY_HOP_HEADERS,
    NAME,
    ROUTE_PATH,
)

_ROUTED_NAME = Text(r"[A-Za-z0-9._:/@-]{1,128}", "1 to 128 letters, digits and . _ : / @ -")
_TAKEN_HEADERS = (
    *HOP_BY_HOP_HEADERS,
    *FRAMING_HEADERS,
    *KEY_HEADERS,
    *("apikey", "authorization", "content-encoding", "cookie", "expect", "kong-debug", "pragma", "range"),
    *("x-model-version", "x-origin-verify", "xpredictionaffinity", "xpredictionkey", "xpredictionmodel"),
)


class RoutedVersionSettings(Section):
    """One of the models that answer for a name."""

    model: Annotated[str, NAME]
    """One of models."""
    weight: Annotated[int, Whole(0, 65_535)] = 100
    """Its share of the callers, beside the other versions' weights; 0 for none. A caller keeps its version."""
    served_name: Annotated[str, _ROUTED_NAME] | None = None
    """What the body names for the model server; by default what the caller wrote."""


class FallbackSettings(Section):
    """Who answers while the chosen version's pool has no healthy replica."""

    model: Annotated[str, NAME]
    """One of models, none of versions."""
    served_name: Annotated[str, _ROUTED_NAME] | None = None
    """What the body names for the model server; by default what the caller wrote."""


class RoutedModelSettings(Section):
    """A name that callers may ask for."""

    name: Annotated[str, _ROUTED_NAME]
    """What callers write, unique in the router."""
    versions: Annotated[tuple[RoutedVersionSettings, ...], Items(1, 20, "versions")]
    """The models that answer; each caller keeps one of them."""
    fallback: FallbackSettings | None = None
    """Who answers while the chosen version's pool has no healthy replica; by default nobody."""


class RouterSettings(Section):
    """One entry path for many models, chosen by the name that the request's body gives."""

    paths: Annotated[tuple[Annotated[str, ROUTE_PATH], ...], Items(1, 20, "paths")]
    """The exact entry paths, such as /v1/chat/completions."""
    models_path: Annotated[str, ROUTE_PATH] = "/v1/models"
    """The exact path of the list of models."""
    model_pointer: Annotated[
        str,
        Text(
            r'(?:/(?:[^~/"\\\x00-\x1f\x7f]|~[01]){1,64}){1,8}',
            "a JSON pointer (RFC 6901) such as /model, of 1 to 8 names without quotes and backslashes",
        ),
    ] = "/model"
    """Where a body names its model."""
    model_header: (
        Annotated[
            str,
            Text(
                HEADER,
                HEADER_ALLOWED,
                _TAKEN_HEADERS,
                "it has another meaning already",
            ),
        ]
        | None
    ) = None
    """The header that names the model of a body that is too large or no JSON; by default such requests are refused."""
    max_body_bytes: Annotated[int, Whole(1, 1_048_576, "bytes")] = 65_536
    """Larger bodies are not read for their model."""
    models: Annotated[tuple[RoutedModelSettings, ...], Items(1, 1_000, "names")] | None = None
    """What callers may ask for; by default every model of the stack under its own name."""
