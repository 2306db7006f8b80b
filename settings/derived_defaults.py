"""Defaults that follow from another section of the stack config, filled in before the values are checked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from .edge_providers import PRODUCTS
from .values import DOMAIN, URL

REPEATING_POOL_RETRIES = 10
"""Of a model with a pool where lost requests are repeated: what breaks its connection is sent at most 11 times."""


def with_derived_defaults(data: Any) -> Any:
    """The document with them; what is not as it should be stays, for the types to tell."""
    if not isinstance(data, dict):
        return data
    data, edge = _retries_by_kong(data), data.get("edge")
    if not isinstance(edge, dict) or not isinstance(edge.get("provider"), str):
        return data
    product = PRODUCTS.get(edge["provider"])
    if product is None:
        return data
    data = _origin_by_gateway(data, edge)
    return data if product.max_body_bytes is None else _bodies_by_edge(data, product.max_body_bytes)


def _retries_by_kong(data: dict[str, Any]) -> dict[str, Any]:
    """Where Kong repeats lost requests, one of them must not go through all replicas many times."""
    kong, models = data.get("kong"), data.get("models")
    if not isinstance(kong, dict) or kong.get("repeatsLostRequests") is not True:
        return data
    if not isinstance(models, list | tuple):
        return data
    fewer = {"retries": REPEATING_POOL_RETRIES}
    return {**data, "models": [{**fewer, **model} if _has_pool(model) else model for model in models]}


def _has_pool(model: Any) -> bool:
    return isinstance(model, dict) and isinstance(model.get("pool"), dict)


def _origin_by_gateway(data: dict[str, Any], edge: dict[str, Any]) -> dict[str, Any]:
    """Without a domain of its own the edge's origin is the public name in gatewayUrl."""
    origin, url = edge.get("origin", {}), data.get("gatewayUrl")
    if not isinstance(origin, dict) or origin.get("domain") is not None:
        return data
    if not isinstance(url, str) or not URL.matches(url):
        return data
    parts = urlsplit(url)
    domain = str(parts.hostname)
    if not DOMAIN.matches(domain):
        return data  # an address, or a name of this machine's: told as a missing domain
    port = {} if parts.port is None else {"port": parts.port}
    found = {"domain": domain, "protocol": parts.scheme, **port}
    return {
        **data,
        "edge": {**edge, "origin": {**origin, **{k: v for k, v in found.items() if origin.get(k) is None}}},
    }


def _bodies_by_edge(data: dict[str, Any], most: int) -> dict[str, Any]:
    """No larger body reaches Kong: its limits are the edge's where the file names none."""
    models = data.get("models")
    if not isinstance(models, list | tuple):
        return data
    return {**data, "models": [_body_limits(model, most) if isinstance(model, dict) else model for model in models]}


def _body_limits(model: dict[str, Any], most: int) -> dict[str, Any]:
    found = dict(model)
    for section, key in (("access", "maxRequestBytes"), ("cache", "maxBodyBytes")):
        given = model.get(section, {})
        if isinstance(given, dict):
            found[section] = {key: most, **given}
    return found
