"""What of a model's cache decides which requests are one question.

    rules = CacheRules(profile="llm", exclude_fields=("user",))

Plain values; their meaning is that of `cache` in the stack config (settings/cache_models.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Profile = Literal["classic", "embeddings", "llm"]


@dataclass(frozen=True)
class CacheRules:
    """The rules of the key that the gateway gives a body. `max_body_bytes`: larger bodies bypass the cache."""

    profile: Profile = "classic"
    exclude_fields: tuple[str, ...] = ()
    max_body_bytes: int = 65_536
