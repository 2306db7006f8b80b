"""One answer of a chat replica in OpenAI's shapes: as a whole, and as the events of a stream."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from local.model.chat.prefix_cache import BLOCK_CHARACTERS, TOKENS_PER_BLOCK, tokens_of
from local.model.chat.request import ChatRequest

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class Completion:
    """An answer's text for a request, and how many blocks of the prompt had been there.

    Usage:
        completion.document()                                       # of an answer without stream
        [completion.event(text) for text in completion.pieces()]    # "data: {...}\\n\\n", a block of text each
        completion.last_events()                                    # the finish reason, the usage if asked for, [DONE]
    """

    request: ChatRequest
    text: str
    cached_blocks: int
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def prompt_tokens(self) -> int:
        return tokens_of(len(self.request.prompt))

    @property
    def cached_tokens(self) -> int:
        return self.cached_blocks * TOKENS_PER_BLOCK

    def pieces(self) -> Iterator[str]:
        """The text in parts of one block each."""
        return (self.text[start : start + BLOCK_CHARACTERS] for start in range(0, len(self.text), BLOCK_CHARACTERS))

    def document(self) -> dict[str, Any]:
        """The answer as a whole."""
        if self.request.is_chat:
            choice: dict[str, Any] = {"message": {"role": "assistant", "content": self.text}}
        else:
            choice = {"text": self.text}
        return self._document("chat.completion", [_choice(choice, "length")]) | {"usage": self._usage()}

    def event(self, piece: str) -> bytes:
        """One part of the text as an event."""
        part = {"delta": {"role": "assistant", "content": piece}} if self.request.is_chat else {"text": piece}
        return self._event([_choice(part, None)])

    def last_events(self) -> bytes:
        """What follows the text: it ends because it is as long as was asked for."""
        part: dict[str, Any] = {"delta": {}} if self.request.is_chat else {"text": ""}
        usage = self._event([], usage=self._usage()) if self.request.has_usage else b""
        return self._event([_choice(part, "length")]) + usage + DONE

    def _usage(self) -> dict[str, Any]:
        written = tokens_of(len(self.text))
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": written,
            "total_tokens": self.prompt_tokens + written,
            "prompt_tokens_details": {"cached_tokens": self.cached_tokens},
        }

    def _event(self, choices: list[dict[str, Any]], **more: Any) -> bytes:
        document = self._document("chat.completion.chunk", choices) | more
        return f"data: {json.dumps(document)}\n\n".encode()

    def _document(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        asked = f"{self.request.model}\0{self.request.prompt}".encode("utf-8", "surrogatepass")
        return {
            "id": f"chatcmpl-{blake2b(asked, digest_size=12).hexdigest()}",
            "object": kind if self.request.is_chat else "text_completion",
            "created": self.created,
            "model": self.request.model,
            "choices": choices,
        }


def _choice(part: dict[str, Any], finish_reason: str | None) -> dict[str, Any]:
    return {"index": 0, **part, "finish_reason": finish_reason}
