"""Renders the Lua that gives a request its prediction key, as Kong's pre-function and post-function take it.

    settings = KeySettings(model="digits", version="1", ...)
    kong.Plugin(..., name="pre-function", config_json=json.dumps(pre_function_phases(settings, secret)))

Pure text in, text out. Every value becomes an escaped Lua literal: names and versions are user input.
"""

import dataclasses
import functools
import json
import pathlib
from typing import Any

# Names without '-' and '_' dodge Kong's hyphen bug (Kong/kong#14447) and the underscore spellings that shadow them.
KEY_HEADER = "Xpredictionkey"
CACHE_NAME = "inference-edge"  # our name in Cache-Status (RFC 9211)
MAX_DEPTH = 64

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

# Phase of each function plugin -> the sources that make its chunk, in order.
_PRE_FUNCTION = {"access": ("canonical", "pre_access"), "header_filter": ("pre_header_filter",), "log": ("pre_log",)}
_POST_FUNCTION = {
    "access": ("post_access",),
    "header_filter": ("post_header_filter",),
    "body_filter": ("post_body_filter",),
}


@dataclasses.dataclass(frozen=True)
class KeySettings:
    """What the deployed Lua needs to know of a model's cache. Sizes in bytes, times in seconds."""

    model: str
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

    @property
    def rules(self) -> str:
        """What else decides whether two requests may share an answer: part of the key, so that a change is a purge."""
        rules = (
            self.ttl_seconds,
            self.profile,
            self.response_codes,
            self.content_types,
            self.exclude_fields,
            self.headers,
        )
        return json.dumps(rules, separators=(",", ":"))

    def lua(self) -> str:
        """The settings as a Lua table constructor."""
        return lua_literal(
            {
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
        )


def pre_function_phases(settings: KeySettings, secret: str) -> dict[str, list[str]]:
    """The phases of pre-function. They hold `secret`: keep the result an Output that is secret."""
    header = f"local C = {settings.lua()}\n"
    keyed = header + f"C.secret = {lua_literal(secret)}\n"
    return {phase: [_chunk(keyed if phase == "access" else header, names)] for phase, names in _PRE_FUNCTION.items()}


def post_function_phases(settings: KeySettings) -> dict[str, list[str]]:
    """The phases of post-function; no secret in them."""
    header = f"local C = {settings.lua()}\n"
    return {phase: [_chunk(header, names)] for phase, names in _POST_FUNCTION.items()}


def lua_literal(value: Any) -> str:
    """A Lua expression for None, bool, int, str, list or dict; whatever a string holds, it stays a string."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(_escape(byte) for byte in value.encode()) + '"'
    if isinstance(value, list):
        return "{" + ", ".join(lua_literal(item) for item in value) + "}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"[{lua_literal(key)}] = {lua_literal(item)}" for key, item in value.items()) + "}"
    raise TypeError(f"no Lua literal for {type(value).__name__}")


def _escape(byte: int) -> str:
    char = chr(byte)
    return char if char.isascii() and (char.isalnum() or char in " ._-/:;=+,") else f"\\{byte:03d}"


@functools.cache
def lua_source(name: str) -> str:
    """The text of one of the `.lua` files beside this module."""
    return (pathlib.Path(__file__).parent / f"{name}.lua").read_text(encoding="utf-8")


def _chunk(header: str, names: tuple[str, ...]) -> str:
    return header + "\n".join(lua_source(name) for name in names)
