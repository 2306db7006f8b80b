"""Defaults that follow from another section of the stack config, filled in before the values are checked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from .edge_providers import PRODUCTS
from .values import DOMAIN, URL


def with_derived_defaults(data: Any) -> Any:
    """The document with them; what is not as it should be stays, for the types to tell."""
    edge = data.get("edge") if isinstance(data, dict) else None
    if not isinstance(edge, dict) or not isinstance(edge.get("provider"), str):
        return data
    product = PRODUCTS.get(edge["provider"])
    if product is None:
        return data
    data = _origin_by_gateway(data, edge)
    return data if product.max_body_bytes is None else _bodies_by_edge(data, product.max_body_bytes)


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
