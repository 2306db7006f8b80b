"""Arguments of the model router, and their defaults in one place."""

from typing import NotRequired, TypedDict

import pulumi

from ..gateway.arguments import KongCachedRouteArgs


class RoutedVersionArgs(TypedDict):
    model: str
    """The model of the stack that answers."""
    weight: NotRequired[int]
    """Its share of the callers, beside the other versions' weights; by default 100, and 0 for none."""
    served_name: NotRequired[str]
    """The name that the model server is asked for; by default the one that the caller sent."""


class FallbackArgs(TypedDict):
    model: str
    """The model of the stack that answers while no target of the chosen version's pool is healthy."""
    served_name: NotRequired[str]
    """The name that the model server is asked for; by default the one that the caller sent."""


class RoutedModelArgs(TypedDict):
    name: str
    """What callers ask for: 1 to 128 letters, digits and . _ : / @ -"""
    versions: list[RoutedVersionArgs]
    """The models that answer; each caller keeps one of them."""
    fallback: NotRequired[FallbackArgs]
    """Who answers while the chosen version's pool has no healthy target; by default nobody else."""


class RouterArgs(TypedDict):
    paths: list[str]
    """The exact paths on which the request's model decides who answers, such as /v1/chat/completions."""
    models_path: NotRequired[str]
    """The exact path of the list of models; by default /v1/models."""
    model_pointer: NotRequired[str]
    """Where a body names its model, a JSON pointer (RFC 6901); by default /model."""
    model_header: NotRequired[str]
    """The header, in lower case, that names the model of a body that is larger than max_body_bytes or is no JSON; by
    default such requests are refused."""
    max_body_bytes: NotRequired[int]
    """Larger bodies are not read for their model; by default 65536."""
    models: NotRequired[list[RoutedModelArgs]]
    """What callers may ask for; by default every model of the stack under its own name."""


class RoutedServiceArgs(TypedDict):
    service_id: pulumi.Input[str]
    """Kong's id of the service that answers."""
    route: KongCachedRouteArgs
    """The model's own arguments: who may call it, on which hosts, and whether its answers are streamed."""
    upstream: NotRequired[pulumi.Input[str]]
    """Kong's name of the upstream, where the model is a pool."""


class ModelRouterArgs(TypedDict):  # RouterArgs and two more: schemas of other languages know no inheritance
    paths: list[str]
    """The exact paths on which the request's model decides who answers, such as /v1/chat/completions."""
    models_path: NotRequired[str]
    """The exact path of the list of models; by default /v1/models."""
    model_pointer: NotRequired[str]
    """Where a body names its model, a JSON pointer (RFC 6901); by default /model."""
    model_header: NotRequired[str]
    """The header, in lower case, that names the model of a body that is larger than max_body_bytes or is no JSON; by
    default such requests are refused."""
    max_body_bytes: NotRequired[int]
    """Larger bodies are not read for their model; by default 65536."""
    models: NotRequired[list[RoutedModelArgs]]
    """What callers may ask for; by default every model of the stack under its own name."""
    services: dict[str, RoutedServiceArgs]
    """The models of the stack by name."""
    callers: NotRequired[dict[str, list[str]]]
    """The models that a consumer may call, by Kong's name of the consumer."""


MODELS_PATH = "/v1/models"
MODEL_POINTER = "/model"
MAX_BODY_BYTES = 65_536
WEIGHT = 100
