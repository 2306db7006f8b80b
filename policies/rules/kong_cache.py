"""What Kong's cache keeps: one proxy-cache plugin at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pulumi_policy import ResourceValidationPolicy, Severity

from .kong_types import (
    BODY_METHODS,
    CACHE_DICTIONARY,
    CACHE_STATUSES,
    CACHE_TTL_SECONDS,
    CACHES,
    DIGEST_HEADER,
    PLUGIN,
    cached_methods,
    digest_headers,
    is_plugin,
    plugin_config,
)
from .reading import get, items, number
from .rule import Resource, Settings, resource_rule

Config = Mapping[str, Any]
_FIRST_ERROR = 400
_OWN_DICTIONARY = "kong"
_STREAM = "text/event-stream"


def _cache_rule(
    name: str, **rule: Any
) -> Callable[[Callable[[Config, Settings], Iterable[str]]], ResourceValidationPolicy]:
    """A rule about the config of every proxy-cache plugin that is on."""

    def declare(check: Callable[[Config, Settings], Iterable[str]]) -> ResourceValidationPolicy:
        def check_plugin(resource: Resource, settings: Settings) -> Iterator[str]:
            if is_plugin(resource, *CACHES):
                yield from check(plugin_config(resource), settings)

        return resource_rule(name, PLUGIN, **rule)(check_plugin)

    return declare


@_cache_rule(
    "kong-cache-body-in-key",
    description="The key of a cache that answers POST holds a digest of the request's body.",
    mend="compute a digest of the body before proxy-cache runs and name its header in vary_headers",
    severity=Severity.CRITICAL,
    config={"digestHeaders": DIGEST_HEADER},
)
def body_in_key(config: Config, settings: Settings) -> Iterator[str]:
    """Without it every caller gets the first caller's prediction."""
    methods = sorted(cached_methods(config) & BODY_METHODS)
    if methods and not digest_headers(config, settings["digestHeaders"]):
        named = " and ".join(method.upper() for method in methods)
        yield f"answers {named} from its cache without looking at the body: vary_headers names no digest of it"


@_cache_rule(
    "kong-cache-key-header-name",
    description="The header that holds the body's digest has a name without hyphen and underscore.",
    mend="rename it, as Xpredictionkey, in vary_headers and in the function that sets it",
    severity=Severity.HIGH,
    config={"digestHeaders": DIGEST_HEADER},
)
def key_header_name(config: Config, settings: Settings) -> Iterator[str]:
    """nginx takes x-body-hash and x_body_hash for one, and Kong's hashing by header finds neither."""
    if any(set("-_") & set(name) for name in digest_headers(config, settings["digestHeaders"])):
        yield (
            "has a digest header with a hyphen or an underscore in vary_headers, whose two spellings a client can "
            "play off against each other"
        )


@_cache_rule(
    "kong-cache-own-dictionary",
    description="A cache of predictions has an nginx dictionary of its own.",
    mend="declare one with KONG_NGINX_HTTP_LUA_SHARED_DICT and name it in memory.dictionary_name",
    severity=Severity.HIGH,
)
def own_dictionary(config: Config, _: Settings) -> Iterator[str]:
    """Names that begin with kong are Kong's own."""
    dictionary = str(get(config, "memory", "dictionary_name", default=CACHE_DICTIONARY))
    in_memory = get(config, "strategy", default="memory") == "memory"
    if in_memory and (dictionary == _OWN_DICTIONARY or dictionary.startswith(f"{_OWN_DICTIONARY}_")):
        what = "shares Kong's own dictionary kong_db_cache" if dictionary == CACHE_DICTIONARY else "uses a dictionary"
        rest = ", where predictions and Kong's entities push each other out"
        yield what + (rest if dictionary == CACHE_DICTIONARY else " whose name is among Kong's own (kong_...)")


@_cache_rule(
    "kong-cache-no-errors",
    description="A cache keeps no errors.",
    mend="set response_code to the statuses of good answers, as [200]",
    severity=Severity.HIGH,
)
def no_errors(config: Config, _: Settings) -> Iterator[str]:
    """The default of the plugin keeps 404."""
    statuses = [number(status) for status in items(config, "response_code") or CACHE_STATUSES]
    errors = sorted({int(status) for status in statuses if status is not None and status >= _FIRST_ERROR})
    if errors:
        given = get(config, "response_code") is not None
        shown = " and ".join(map(str, errors))
        yield f"keeps answers with status {shown}{'' if given else ', by default'}: an error would outlive its cause"


@_cache_rule(
    "kong-cache-ttl",
    description="A cache keeps answers no longer than the limit.",
    mend="lower cache_ttl and storage_ttl, or raise maxTtlSeconds of this rule",
    severity=Severity.MEDIUM,
    config={
        "maxTtlSeconds": {"type": "integer", "minimum": 1, "default": 86400, "description": "The greatest lifetime."}
    },
)
def ttl(config: Config, settings: Settings) -> Iterator[str]:
    """A stale answer is a wrong answer."""
    for name, default in (("cache_ttl", CACHE_TTL_SECONDS), ("storage_ttl", 0)):
        seconds = number(get(config, name, default=default)) or 0
        if seconds > settings["maxTtlSeconds"]:
            yield f"keeps answers for {seconds:.12g} seconds by {name}, more than {settings['maxTtlSeconds']:.12g}"


@_cache_rule(
    "kong-cache-content-types",
    description="A cache keeps a list of content types, none of them a stream.",
    mend="list the types of whole answers in content_type, as [application/json]",
    severity=Severity.MEDIUM,
)
def content_types(config: Config, _: Settings) -> Iterator[str]:
    """Kong refuses a text; a stream that is replayed was sampled for somebody else."""
    if isinstance(get(config, "content_type"), str):
        yield "has a text as content_type, where Kong takes a list"
    if any(str(item).lower().startswith(_STREAM) for item in items(config, "content_type")):
        yield f"keeps {_STREAM}"


RULES = [body_in_key, key_header_name, own_dictionary, no_errors, ttl, content_types]
