"""Who may call a model, how often, with how much, and from which sites."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .field_types import Choice, Items, Text, Whole
from .section import Section
from .values import FRAMING_HEADERS, HEADER, HEADER_ALLOWED, HOP_BY_HOP_HEADERS, HOST, PORT

AccessMode = Literal["key-auth", "upstream-credential", "open"]


class RateLimitSettings(Section):
    """Requests allowed per consumer (key-auth) or per client address; hits count too."""

    per_second: Annotated[int, Whole(1, 1_000_000_000, "requests")] | None = None
    """Requests allowed in a second."""
    per_minute: Annotated[int, Whole(1, 1_000_000_000, "requests")] | None = None
    """Requests allowed in a minute."""
    per_hour: Annotated[int, Whole(1, 1_000_000_000, "requests")] | None = None
    """Requests allowed in an hour."""


class CorsSettings(Section):
    """Browsers of which origins may call the model."""

    origins: Annotated[
        tuple[
            Annotated[
                str,
                Text(
                    rf"\*|(?!.*://.*[A-Z])https?://{HOST}{PORT}",
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


class AccessSettings(Section):
    """Who may call the model, how often, and with how much."""

    mode: Annotated[AccessMode, Choice(("key-auth", "upstream-credential", "open"))] = "key-auth"
    """key-auth: consumers of this stack; upstream-credential: the model checks the caller; open: anybody."""
    credential_headers: Annotated[
        tuple[
            Annotated[
                str,
                Text(
                    HEADER,
                    HEADER_ALLOWED,
                    (*HOP_BY_HOP_HEADERS, *FRAMING_HEADERS),
                    "it belongs to the connection, not the caller",
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
    """Larger requests are refused with 413; behind media-cdn at most 16384, and that by default."""
    cors: CorsSettings | None = None
    """By default browsers of other origins are not allowed."""
