"""How long a chat replica takes."""

from __future__ import annotations

from dataclasses import dataclass

_PROMPT_TOKENS = 4096
# To write a token takes a model as long as to read some: those of a prompt are computed together.
_READ_PER_WRITTEN = 5


@dataclass(frozen=True)
class Speed:
    """The times of one replica.

    latency_seconds: to read a prompt of 4,096 tokens (16,384 characters) of which nothing is cached.
    """

    latency_seconds: float

    def reading_seconds(self, tokens: int) -> float:
        """Return how long it takes to read so many tokens that are not cached."""
        return self.latency_seconds * tokens / _PROMPT_TOKENS

    def writing_seconds(self, tokens: int) -> float:
        """Return how long it takes to write so many tokens."""
        return self.reading_seconds(tokens) * _READ_PER_WRITTEN
