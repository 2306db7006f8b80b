"""Kong's entities as the provider has them, and the defaults of Kong 3.9's proxy-cache."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .reading import document, get, items
from .rule import Resource

SERVICE = "kong:index/service:Service"
ROUTE = "kong:index/route:Route"
PLUGIN = "kong:index/plugin:Plugin"
UPSTREAM = "kong:index/upstream:Upstream"
TARGET = "kong:index/target:Target"
PROVIDER = "pulumi:providers:kong"

CACHES = ("proxy-cache", "proxy-cache-advanced")
KEY_FUNCTION = "pre-function"
FUNCTIONS = (KEY_FUNCTION, "post-function")
RATE_LIMITS = ("rate-limiting", "rate-limiting-advanced", "service-protection")
SIZE_LIMIT = "request-size-limiting"
TRANSFORMERS = ("request-transformer", "request-transformer-advanced")
AUTHENTICATION = (
    "basic-auth",
    "header-cert-auth",
    "hmac-auth",
    "jwt",
    "key-auth",
    "key-auth-enc",
    "ldap-auth",
    "ldap-auth-advanced",
    "mtls-auth",
    "oauth2",
    "oauth2-introspection",
    "openid-connect",
    "vault-auth",
)

BODY_METHODS = frozenset({"post", "put", "patch"})
# Defaults of the plugin, kong/plugins/proxy-cache/schema.lua.
CACHE_METHODS = ("GET", "HEAD")
CACHE_STATUSES = (200, 301, 404)
CACHE_TTL_SECONDS = 300
CACHE_DICTIONARY = "kong_db_cache"

DIGEST_HEADER = {
    "type": "string",
    "default": "prediction-?key|digest|hash|checksum|fingerprint|md5|sha-?(1|2|256|512)",
    "description": "Regular expression of the names of headers that hold a digest of the body; case is ignored.",
}


def is_plugin(resource: Resource, *names: str) -> bool:
    """Whether a resource is one of these plugins, and on."""
    return (
        resource.resource_type == PLUGIN
        and get(resource.props, "name") in names
        and get(resource.props, "enabled", default=True) is True
    )


def plugin_config(resource: Resource) -> Mapping[str, Any]:
    """The plugin's config."""
    return document(resource.props, "configJson")


def cached_methods(config: Mapping[str, Any]) -> set[str]:
    """The methods whose answers a cache keeps, in lower case."""
    return {str(method).lower() for method in items(config, "request_method") or CACHE_METHODS}


def digest_headers(config: Mapping[str, Any], pattern: str) -> list[str]:
    """The headers in a cache's key that hold a digest of the body."""
    return [str(name) for name in items(config, "vary_headers") if re.search(pattern, str(name), re.IGNORECASE)]
