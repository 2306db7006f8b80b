"""What can be broken at Kong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from policies.rules.places import is_public
from tests.policies.cases.kong import PLUGIN, SERVICE
from tests.policies.cases.kong_pools import TARGET, UPSTREAM
from tests.policies.mutation import Break, Graph, Mutation, each, plugin, put, removed, text
from tests.policies.resources import Res

_FIREWALLS = ("aws:wafv2/webAcl:WebAcl", "gcp:compute/securityPolicy:SecurityPolicy")
_YEAR = 31536000


def _service_of(item: Res) -> str:
    return "".join(item.refs.get("serviceId", ()))


def _plugins(graph: Graph, item: Res) -> set[str]:
    """The kinds of plugins on the same service."""
    return {
        str(other.props["name"]) for other in graph if other.type == PLUGIN and _service_of(other) == _service_of(item)
    }


def _is_open(graph: Graph, item: Res) -> bool:
    return "key-auth" not in _plugins(graph, item)


def _second_cache(graph: Graph) -> Iterator[list[Res]]:
    for item in graph:
        if item.props.get("name") == "proxy-cache":
            yield [*graph, replace(item, name=f"{item.name}-2", urn_=f"{item.urn}-2")]


def _credentials_shared(graph: Graph) -> Iterator[list[Res]]:
    """An open route whose function has never heard of Authorization."""
    for item in graph:
        if (
            item.props.get("name") == "pre-function"
            and "proxy-cache" in _plugins(graph, item)
            and _is_open(graph, item)
        ):
            config = json.loads(re.sub("authorization", "x", json.dumps(item.props["configJson"]), flags=re.IGNORECASE))
            yield [item.but(configJson=config) if other is item else other for other in graph]


def _anonymous(graph: Graph) -> Iterator[list[Res]]:
    """A route that lets the anonymous in, without limits and without an edge that has some."""
    for item in graph:
        if item.props.get("name") == "key-auth" and "rate-limiting" not in _plugins(graph, item):
            changed = item.but(configJson={**item.props["configJson"], "anonymous": "somebody"})
            yield [changed if other is item else other for other in graph if other.type not in _FIREWALLS]


def _public(props: dict[str, Any]) -> bool | None:
    if not is_public(props["host"]):
        return False
    props["protocol"] = "http"
    return None


def _hashed_by(header: str) -> Break:
    """A header that no function sets."""

    def change(props: dict[str, Any]) -> None:
        props.update({"hashOn": "header", "hashOnHeader": header, "hashFallback": "none"})

    return change


MUTATIONS = [
    plugin("kong-cache-body-in-key", "no digest", "proxy-cache", put("vary_headers", value=None)),
    plugin("kong-cache-body-in-key", "another header", "proxy-cache", put("vary_headers", value=["accept"])),
    plugin("kong-cache-key-header-name", "hyphen", "proxy-cache", put("vary_headers", value=["x-body-digest"])),
    plugin(
        "kong-cache-own-dictionary", "Kong's", "proxy-cache", put("memory", "dictionary_name", value="kong_db_cache")
    ),
    plugin("kong-cache-own-dictionary", "default", "proxy-cache", put("memory", value=None)),
    plugin("kong-cache-no-errors", "404", "proxy-cache", put("response_code", value=[200, 404])),
    plugin("kong-cache-no-errors", "503", "proxy-cache", put("response_code", value=[503])),
    plugin("kong-cache-no-errors", "default", "proxy-cache", put("response_code", value=None)),
    plugin("kong-cache-ttl", "a year", "proxy-cache", put("cache_ttl", value=_YEAR)),
    plugin("kong-cache-ttl", "storage for a year", "proxy-cache", put("storage_ttl", value=_YEAR)),
    plugin("kong-cache-content-types", "a text", "proxy-cache", put("content_type", value="application/json")),
    plugin("kong-cache-content-types", "a stream", "proxy-cache", put("content_type", value=["text/event-stream"])),
    removed(
        "kong-cache-one-key",
        "no key function",
        lambda graph, item: item.props.get("name") == "pre-function" and "proxy-cache" in _plugins(graph, item),
    ),
    Mutation("kong-cache-one-key", "two caches", _second_cache),
    each(
        "kong-cache-one-key",
        "key function off",
        PLUGIN,
        lambda props: (
            put("enabled", value=False)(props)
            if props["name"] == "pre-function" and "max_body_bytes" in json.dumps(props["configJson"])
            else False
        ),
    ),
    Mutation("kong-cache-isolation", "credentials shared", _credentials_shared),
    plugin(
        "kong-cache-body-buffer",
        "bodies above the buffer",
        "pre-function",
        text(r"(max_body_bytes\W+)\d+", r"\g<1>9999999"),
    ),
    plugin("kong-cache-methods", "no method of the route", "proxy-cache", put("request_method", value=["HEAD"])),
    Mutation("kong-open-route-rate-limit", "no key and no limit", _anonymous),
    removed(
        "kong-open-route-size-limit",
        "no limit",
        lambda graph, item: item.props.get("name") == "request-size-limiting" and _is_open(graph, item),
    ),
    each("kong-upstream-https", "http", SERVICE, _public),
    each("kong-hash-header-name", "hyphen", UPSTREAM, _hashed_by("x-session-id")),
    each("kong-hash-fallback", "a header of nobody", UPSTREAM, _hashed_by("xsession")),
    each("kong-target-health", "no checks", UPSTREAM, put("healthchecks", value=None)),
    each("kong-target-health", "never back", UPSTREAM, put("healthchecks", "active", "healthy", "successes", value=0)),
    each("kong-health-count", "255", UPSTREAM, put("healthchecks", "active", "unhealthy", "timeouts", value=255)),
    each("kong-target-weight", "0", TARGET, put("weight", value=0)),
    each("owner-tags", "Kong", PLUGIN, put("tags", value=["model:digits"])),
    each("owner-tags", "Kong", SERVICE, put("tags", value=None)),
]
