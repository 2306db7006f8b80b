"""What is cached, for how long, and what may be shared at the edge."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.edge import limits

from .field_types import Choice, Items, Text, Whole
from .section import Section
from .values import ANSWER_HEADER, FRAMING_HEADERS, HEADER, HEADER_ALLOWED, HOP_BY_HOP_HEADERS
from .verify_models import VerifySettings

Profile = Literal["classic", "embeddings", "llm"]
Store = Literal["proxy-cache", "memory", "redis"]

TTL_SECONDS_BY_PROFILE: dict[Profile, int] = {"classic": 300, "embeddings": 86_400, "llm": 3_600}

ANSWER_HEADERS = (
    "content-type",
    "content-language",
    "x-amzn-invoked-production-variant",
    "x-amzn-sagemaker-custom-attributes",
)

_STALE_SECONDS = Whole(0, 86_400, "seconds")


class CacheSettings(Section):
    """What is cached, for how long, and what is part of the key."""

    enabled: bool = True
    """Off: every request goes to the model."""
    store: Annotated[Store, Choice(("proxy-cache", "memory", "redis"))] = "proxy-cache"
    """Where answers are kept: proxy-cache, Kong's plugin; memory, of each Kong node; redis, the sharedCache of all."""
    profile: Annotated[Profile, Choice(("classic", "embeddings", "llm"))] = "classic"
    """The kind of model: llm bypasses the cache for requests that sample."""
    ttl_seconds: Annotated[int, Whole(1, limits.MAX_TTL_SECONDS, "seconds")] = Field(
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
    answer_headers: Annotated[tuple[Annotated[str, ANSWER_HEADER], ...], Items(0, 20, "header names")] = ANSWER_HEADERS
    """memory and redis only: the model's response headers that are kept with an answer."""
    key_headers: Annotated[
        tuple[
            Annotated[
                str,
                Text(
                    HEADER,
                    HEADER_ALLOWED,
                    (*HOP_BY_HOP_HEADERS, *FRAMING_HEADERS, "authorization", "cookie", "xpredictionkey"),
                    "it belongs to the connection or the caller, not to the question",
                ),
            ],
            ...,
        ],
        Items(0, 20, "header names"),
    ] = ()
    """More request headers that change the answer, so that they become part of the key."""
    max_body_bytes: Annotated[int, Whole(1, 1_048_576, "bytes")] = 65_536
    """Requests with a larger body bypass the cache; behind media-cdn at most 16384, and that by default."""
    max_response_bytes: Annotated[int, Whole(1, 16_777_216, "bytes")] = 1_048_576
    """Larger answers are not stored."""
    get_twin: bool = True
    """Take predictions by GET <route>?input=<base64url of the JSON body> too, which an HTTP cache can store."""
    shareable: bool = False
    """Let the edge give one caller's answer to every caller that it lets in."""
    stale_while_revalidate_seconds: Annotated[int, _STALE_SECONDS] = 0
    """How long after its TTL an answer may be served while the next is fetched, by the edge and by memory and redis."""
    stale_if_error_seconds: Annotated[int, _STALE_SECONDS] = 0
    """How long after its TTL an answer may be served when the model fails, by the edge and by memory and redis."""
    verify: VerifySettings | None = None
    """By default no cached answer is compared with what the model says now."""
