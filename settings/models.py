"""The stack config as frozen pydantic models. YAML names are the camelCase of the field names.

Every field's docstring is also its description in the JSON Schema (``schema.py``). Rules about one value are in its
type (``field_types.py``); rules about several values are in ``rules.py``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic.alias_generators import to_camel

from .field_types import Choice, Decimal, Items, SecretText, Text, Whole

Profile = Literal["classic", "embeddings", "llm"]
AccessMode = Literal["key-auth", "upstream-credential", "open"]

TTL_SECONDS_BY_PROFILE: dict[Profile, int] = {"classic": 300, "embeddings": 86_400, "llm": 3_600}

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL}){{0,20}}"
_PORT = r"(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
_URL_SEGMENT = r"/(?!\.{1,2}(?:/|$))(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}){1,200}"
_ROUTE_SEGMENT = r"/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~:-]{1,100}"

_HOP_BY_HOP = (  # RFC 9110, section 7.6.1
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
)  # fmt: skip
_FRAMING = ("accept-encoding", "cache-control", "content-length", "host")

NAME = Text(r"[a-z][a-z0-9-]{0,39}", "1 to 40 lower-case letters, digits and hyphens, beginning with a letter")
URL = Text(
    rf"https?://{_HOST}{_PORT}(?:{_URL_SEGMENT}){{0,20}}/?",
    "http:// or https://, a host, and optionally a port and a path; no user, password, query or fragment",
)
API_KEY = SecretText(r"[!-~]{16,512}", "16 to 512 printable ASCII characters without spaces")
_HEADER = r"[a-z0-9][a-z0-9-]{0,63}"
_HEADER_ALLOWED = "a header name in lower-case letters, digits and hyphens"


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]  # the real one depends on the model's name


class _Section(BaseModel):
    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        use_attribute_docstrings=True,
    )


class RouteSettings(_Section):
    """Where clients reach the model on the gateway."""

    path: Annotated[
        str,
        Text(
            rf"/|(?:{_ROUTE_SEGMENT}){{1,20}}",
            "an exact path such as /digits/predict: segments of letters, digits and . _ ~ : -, without a closing slash",
        ),
    ] = Field(default="/", json_schema_extra=_without_default)
    """The exact path; by default /<name>/predict."""
    hosts: Annotated[
        tuple[Annotated[str, Text(rf"(?!.*[A-Z]){_HOST}", "a host name in lower case, without port or wildcard")], ...],
        Items(0, 20, "host names"),
    ] = ()
    """Host names that reach this model; by default any host."""
    https_only: bool = False
    """Answer plain HTTP with 426 instead of a prediction."""


class CacheSettings(_Section):
    """What is cached, for how long, and what is part of the key."""

    enabled: bool = True
    """Off: every request goes to the model."""
    profile: Annotated[Profile, Choice(("classic", "embeddings", "llm"))] = "classic"
    """The kind of model: llm bypasses the cache for requests that sample."""
    ttl_seconds: Annotated[int, Whole(1, 31_536_000, "seconds")] = Field(
        default_factory=lambda data: TTL_SECONDS_BY_PROFILE[data["profile"]]
    )
    """How long an answer may be served; by default 300 (classic), 86400 (embeddings) or 3600 (llm)."""
    generation: Annotated[int, Whole(1, 1_000_000_000)] = 1
    """Part of the key: add 1 to drop every answer of this model."""
    response_codes: Annotated[
        tuple[
            Annotated[int, Choice((200, 201, 203), "only a complete answer with content is a prediction to store")], ...
        ],
        Items(1, 3, "status codes"),
    ] = (200,)
    """Status codes of answers that may be stored."""
    content_types: Annotated[
        tuple[
            Annotated[
                str,
                Text(
                    r"(?!text/event-stream)[A-Za-z0-9][A-Za-z0-9.+-]{0,63}/[A-Za-z0-9][A-Za-z0-9.+-]{0,63}"
                    r"(?:; ?[A-Za-z0-9-]{1,32}=[A-Za-z0-9.+_-]{1,64}){0,4}",
                    "a content type such as application/json, with its parameters; no wildcard, no text/event-stream",
                ),
            ],
            ...,
        ],
        Items(1, 20, "content types"),
    ] = ("application/json", "application/json; charset=utf-8")
    """Content types of answers that may be stored; each with exactly the parameters that the model sends."""
    exclude_fields: Annotated[
        tuple[
            Annotated[
                str,
                Text(
                    r'[^"\\\x00-\x1f]{1,128}',
                    "the name of a top-level field of the request, without quotes, backslashes and control characters",
                    ("stream",),
                    "it decides whether the answer may be stored at all",
                ),
            ],
            ...,
        ],
        Items(0, 32, "field names"),
    ] = ()
    """Top-level request fields left out of the key, such as a request id that the answer does not depend on."""
    key_headers: Annotated[
        tuple[
            Annotated[
                str,
                Text(
                    _HEADER,
                    _HEADER_ALLOWED,
                    (*_HOP_BY_HOP, *_FRAMING, "authorization", "cookie", "xpredictionkey"),
                    "it belongs to the connection or the caller, not to the question",
                ),
            ],
            ...,
        ],
        Items(0, 20, "header names"),
    ] = ()
    """More request headers that change the answer, so that they become part of the key."""
    max_body_bytes: Annotated[int, Whole(1, 1_048_576, "bytes")] = 65_536
    """Requests with a larger body bypass the cache."""
    max_response_bytes: Annotated[int, Whole(1, 16_777_216, "bytes")] = 1_048_576
    """Larger answers are not stored."""


class RateLimitSettings(_Section):
    """Requests allowed per consumer (key-auth) or per client address; hits count too."""

    per_second: Annotated[int, Whole(1, 1_000_000_000, "requests")] | None = None
    """Requests allowed in a second."""
    per_minute: Annotated[int, Whole(1, 1_000_000_000, "requests")] | None = None
    """Requests allowed in a minute."""
    per_hour: Annotated[int, Whole(1, 1_000_000_000, "requests")] | None = None
    """Requests allowed in an hour."""


class CorsSettings(_Section):
    """Browsers of which origins may call the model."""

    origins: Annotated[
        tuple[
            Annotated[
                str,
                Text(
                    rf"\*|(?!.*://.*[A-Z])https?://{_HOST}{_PORT}",
                    'an origin such as https://app.example.com (lower case, no path), or "*" alone for any',
                ),
            ],
            ...,
        ],
        Items(1, 100, "origins"),
    ]
    """Origins such as https://app.example.com; "*" alone allows any."""
    max_age_seconds: Annotated[int, Whole(0, 86_400, "seconds")] = 600
    """How long a browser may remember the answer to its preflight request."""


class AccessSettings(_Section):
    """Who may call the model, how often, and with how much."""

    mode: Annotated[AccessMode, Choice(("key-auth", "upstream-credential", "open"))] = "key-auth"
    """key-auth: consumers of this stack; upstream-credential: the model checks the caller; open: anybody."""
    credential_headers: Annotated[
        tuple[
            Annotated[
                str,
                Text(
                    _HEADER, _HEADER_ALLOWED, (*_HOP_BY_HOP, *_FRAMING), "it belongs to the connection, not the caller"
                ),
            ],
            ...,
        ],
        Items(0, 10, "header names"),
    ] = Field(default_factory=lambda data: ("authorization",) if data["mode"] == "upstream-credential" else ())
    """upstream-credential only: the headers that tell callers apart; by default authorization."""
    rate_limit: RateLimitSettings | None = None
    """By default no limit."""
    max_request_bytes: Annotated[int, Whole(1, 104_857_600, "bytes")] = 6_291_456
    """Larger requests are refused with 413."""
    cors: CorsSettings | None = None
    """By default browsers of other origins are not allowed."""


class TimeoutSettings(_Section):
    """How long the gateway waits for the model, each in seconds."""

    connect_seconds: Annotated[float, Decimal(0.001, 3_600, "seconds")] = 5
    """Until the connection is made."""
    read_seconds: Annotated[float, Decimal(0.001, 3_600, "seconds")] = 60
    """Between two reads of the answer."""
    write_seconds: Annotated[float, Decimal(0.001, 3_600, "seconds")] = 60
    """Between two writes of the request."""


class ModelSettings(_Section):
    """One model behind the gateway."""

    name: Annotated[str, NAME]
    """The model's name, unique in the stack."""
    version: Annotated[str, Text(r"[ -~]{1,128}", "1 to 128 printable ASCII characters")]
    """The model's version: part of the key, so another version never answers with this one's predictions."""
    endpoint: Annotated[str, URL]
    """The URL that takes the predictions' POST requests."""
    route: RouteSettings = Field(default_factory=RouteSettings)
    """Where clients reach the model on the gateway."""
    cache: CacheSettings = Field(default_factory=CacheSettings)
    """What is cached, for how long, and what is part of the key."""
    access: AccessSettings = Field(default_factory=AccessSettings)
    """Who may call the model, how often, and with how much."""
    timeouts: TimeoutSettings = Field(default_factory=TimeoutSettings)
    """How long the gateway waits for the model."""
    retries: Annotated[int, Whole(0, 10)] = 1
    """More attempts when the model cannot be connected to."""

    @model_validator(mode="before")
    @classmethod
    def _route_by_name(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("route", {}), dict):
            return data
        name = data.get("name")
        path = f"/{name}/predict" if isinstance(name, str) and NAME.matches(name) else "/"
        return {**data, "route": {"path": path, **data.get("route", {})}}


class ConsumerSettings(_Section):
    """One caller with a key."""

    name: Annotated[str, NAME]
    """The consumer's name, unique in the stack."""
    key: Annotated[SecretStr, API_KEY] | None = None
    """The API key, encrypted by `pulumi config set --secret`; by default one is generated."""
    models: Annotated[tuple[Annotated[str, NAME], ...], Items(1, 1000, "model names")] | None = None
    """The key-auth models this consumer may call; by default all of them."""


class Settings(_Section):
    """The whole stack config; ``load_settings`` and ``parse_settings`` make it and check the rules of ``rules.py``."""

    gateway_url: Annotated[str, URL] = "http://localhost:8000"
    """The base of the predict URLs in the stack's outputs."""
    dictionary: Annotated[
        str,
        Text(
            r"(?!kong|prometheus_metrics$)[A-Za-z][A-Za-z0-9_]{0,63}",
            "the name of an nginx shared dictionary of its own: letters, digits and _, not one of Kong's (kong...)",
        ),
    ] = "prediction_cache"
    """The nginx shared dictionary that holds the cached answers."""
    models: Annotated[tuple[ModelSettings, ...], Items(1, 1000, "models")]
    """The models behind the gateway, at least one."""
    consumers: Annotated[tuple[ConsumerSettings, ...], Items(0, 1000, "consumers")] = Field(
        default_factory=lambda data: (
            (ConsumerSettings(name="default"),) if any(m.access.mode == "key-auth" for m in data["models"]) else ()
        )
    )
    """Who may call the key-auth models; by default one consumer named default with a generated key."""

    def consumers_of(self, model: ModelSettings) -> tuple[ConsumerSettings, ...]:
        """The consumers that may call ``model``: none unless its access mode is key-auth."""
        if model.access.mode != "key-auth":
            return ()
        return tuple(c for c in self.consumers if c.models is None or model.name in c.models)
