"""Renders the Lua that gives a request its prediction key, as Kong's pre-function and post-function take it.

    settings = KeySettings(model="digits", kong_name="shop-prod-digits", version="1", ...)
    kong.Plugin(..., name="pre-function", config_json=json.dumps(pre_function_phases(settings, secret)))

Pure text in, text out.
"""

import dataclasses
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from .. import lua
from ..lua import Phases
from .access import EdgeAccess, Sharing
from .stores import StoreSettings

# Names without '-' and '_' dodge Kong's hyphen bug (Kong/kong#14447) and the underscore spellings that shadow them.
KEY_HEADER = "Xpredictionkey"
CACHE_NAME = "inference-edge"  # our name in Cache-Status (RFC 9211)
MAX_DEPTH = 64
OUTCOME = "metrics/outcome"
MAX_INPUT_BYTES = 6_000  # as base64url 8,000 characters: the request line has to stay below 8,192 bytes

# Request headers that may change the answer of a SageMaker-style endpoint
# (docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html) or of any JSON endpoint.
KEY_HEADERS = (
    "host",
    "content-type",
    "accept",
    "prefer",
    "x-amzn-sagemaker-target-model",
    "x-amzn-sagemaker-target-variant",
    "x-amzn-sagemaker-target-container-hostname",
    "x-amzn-sagemaker-inference-component",
    "x-amzn-sagemaker-custom-attributes",
    "x-amzn-sagemaker-enable-explanations",
)


@dataclasses.dataclass(frozen=True)
class KeySettings:
    """What the deployed Lua needs to know of a model's cache. Sizes in bytes, times in seconds."""

    model: str
    kong_name: str  # of the model's service, which tells stacks on one Kong apart
    version: str
    generation: int
    dictionary: str
    profile: str
    ttl_seconds: int
    lease_seconds: int
    max_body_bytes: int
    max_response_bytes: int
    response_codes: tuple[int, ...]
    content_types: tuple[str, ...]
    exclude_fields: tuple[str, ...] = ()
    headers: tuple[str, ...] = KEY_HEADERS
    credential_header: str | None = None  # of the gateway's own authentication, e.g. apikey
    upstream_headers_digest: str | None = None  # of what Kong adds towards the model
    get_twin: bool = False
    max_input_bytes: int = MAX_INPUT_BYTES
    sharing: Sharing | None = None
    store: StoreSettings | None = None  # without it proxy-cache keeps the answers
    is_shard: bool = False  # the end that keeps the answers of a sharded model
    verified: bool = False  # verification may switch the cache off

    @property
    def rules(self) -> str:
        """What else decides whether two requests may share an answer: part of the key, so that a change is a purge."""
        rules = [
            self.ttl_seconds,
            self.profile,
            self.response_codes,
            self.content_types,
            self.exclude_fields,
            self.headers,
        ]
        if self.upstream_headers_digest:
            rules.append(self.upstream_headers_digest)
        if self.store:
            rules.append(self.store.answer_headers)
        return json.dumps(rules, separators=(",", ":"))

    @property
    def verification_scope(self) -> str:
        """What the names begin with under which verification remembers something: of this version and generation."""
        return f"v:{self.kong_name}@{self.version}:{self.generation}:"

    def version_token(self, secret: str) -> str:
        """What a shared cache calls this version: 32 hexadecimal digits that nobody can guess, new at every rollout."""
        endpoint = self.sharing.endpoint if self.sharing else ""
        parts = ("version token", self.model, self.version, str(self.generation), self.rules, endpoint)
        framed = "".join(f"{len(part.encode())}:{part}" for part in parts)
        return hmac.new(secret.encode(), framed.encode(), hashlib.sha256).hexdigest()[:32]

    def lua_values(self) -> dict[str, Any]:
        """The settings as the deployed Lua has them."""
        values = {
            "cache": CACHE_NAME,
            "header": KEY_HEADER,
            "model": self.model,
            "version": self.version,
            "generation": str(self.generation),
            "rules": self.rules,
            "dictionary": self.dictionary,
            "profile": self.profile,
            "ttl_seconds": self.ttl_seconds,
            "lease_seconds": self.lease_seconds,
            "max_body_bytes": self.max_body_bytes,
            "max_response_bytes": self.max_response_bytes,
            "max_depth": MAX_DEPTH,
            "response_codes": {code: True for code in self.response_codes},
            "content_types": {name: True for name in self.content_types},
            "exclude": {name: True for name in self.exclude_fields},
            "headers": list(self.headers),
            "credential_header": self.credential_header,
        }
        if self.is_shard:
            values["is_shard"] = True
        if self.verified:
            values["verification"] = self.verification_scope
        if self.get_twin:
            values["max_input_bytes"] = self.max_input_bytes
        if self.sharing:
            values.update(self.sharing.lua_values(self.model, self.version))
        if self.store:
            values.update(self.store.lua_values(self.model, self.version, self.generation))
        return values

    def lua(self) -> str:
        """The settings as a Lua table constructor."""
        return lua.literal(self.lua_values())


def pre_function_phases(settings: KeySettings | None, secret: str, edge: EdgeAccess | None = None) -> Phases:
    """The phases of pre-function: the lock of `edge`, without which anybody gets in, and the key for proxy-cache.

    They hold `secret`, the key's, and what `edge` holds: keep the result an Output that is secret.
    """
    access = [chunk({"C": edge.lua_values()}, "edge_lock")] if edge else []
    if not settings:
        return {"access": access}
    known = {"C": settings.lua_values()}
    if settings.store:
        if edge and edge.key:
            access.append(chunk({**known, "C.edge_key": edge.key}, "edge_entry"))
        return {"access": access}
    return {
        "access": [*access, chunk(keyed(settings, secret, edge), *key_sources(settings), "pause", "pre_access")],
        "header_filter": [chunk(known, "storable", "pre_header_filter")],
        "log": [chunk(known, "pre_log")],
    }


def post_function_phases(
    settings: KeySettings | None, secret: str = "", upstream_headers: Mapping[str, str] | None = None
) -> Phases:
    """The phases of post-function: what goes to the model, what comes back, and a store of our own.

    A secret where there are headers, and with a store: then they hold `secret`, the key's, and the store's password.
    """
    added = upstream_header_chunks(upstream_headers)
    if not settings:
        header = {"C": {"header": KEY_HEADER}}
        return {
            "access": [chunk(header, "no_cache_access"), *added],
            "header_filter": [chunk(header, "no_cache_header_filter")],
        }
    if settings.store:
        return store_phases(settings, keyed(settings, secret, None), key_sources(settings), added)
    known = {"C": settings.lua_values()}
    return {
        "access": [chunk(known, "post_access"), *added],
        "header_filter": [chunk(known, *header_filter_sources(settings), OUTCOME, "post_header_filter")],
        "body_filter": [chunk(known, "post_body_filter")],
    }


def store_phases(settings: KeySettings, values: dict[str, Any], sources: list[str], added: list[str]) -> Phases:
    """The phases of a store of our own. `values` have the secret, `sources` define key_of, `added` end the access."""
    assert settings.store
    known = {"C": settings.lua_values()}
    store = ["metrics/metric", "store_redis"] if settings.store.redis else ["store_memory"]
    shared_off = ["verification/shared_off"] if settings.verified and settings.store.redis else []
    after = [*header_filter_sources(settings), "storable", *store, OUTCOME, "store_header_filter"]
    return {
        "access": [chunk(values, *sources, "entry", *store, *shared_off, "pause", OUTCOME, "store_access"), *added],
        "header_filter": [chunk(known, *after)],
        "body_filter": [chunk(values, "entry", *store, "store_body_filter")],
        "log": [chunk(known, *store, "store_log")],
    }


def upstream_header_chunks(upstream_headers: Mapping[str, str] | None) -> list[str]:
    """What adds the model's own credentials, where there are any."""
    headers = {name.lower(): value for name, value in (upstream_headers or {}).items()}
    return [chunk({"C": {"headers": headers}}, "upstream_headers")] if headers else []


def keyed(settings: KeySettings, secret: str, edge: EdgeAccess | None) -> dict[str, Any]:
    """The values of a chunk that makes keys."""
    values = {"C": settings.lua_values(), "C.secret": secret}
    if settings.sharing:
        values["C.version_token"] = settings.version_token(secret)
        values["C.edge_key"] = edge.key if edge else None
    return values


def key_sources(settings: KeySettings) -> list[str]:
    """The sources that define key_of(request)."""
    sources = ["canonical", "parts", "base64url", "endpoint", *off_sources(settings)]
    if settings.get_twin:
        sources.append("get_twin")
    if settings.sharing:
        sources.append("shareable")
    return [*sources, "request_key"]


def off_sources(settings: KeySettings) -> list[str]:
    """The source that tells whether verification has switched the cache off."""
    return ["verification/off"] if settings.verified else []


def header_filter_sources(settings: KeySettings) -> list[str]:
    """The sources that finish an answer to a GET."""
    sources = ["shareable_header_filter"] if settings.sharing else []
    return [*sources, "get_twin_header_filter"] if settings.get_twin else sources


def lua_source(name: str) -> str:
    """The text of one of the `.lua` files beside this module."""
    return lua.source(f"prediction_key/{name}")


def chunk(known: Mapping[str, Any], *names: str) -> str:
    """Files as one piece of Lua, after `known`: local C, then more fields of it; by their names beside this module."""
    return lua.chunk(known, *(name if "/" in name else f"prediction_key/{name}" for name in names))
