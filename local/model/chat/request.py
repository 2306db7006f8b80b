"""What a request to a chat replica may hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DEFAULT_TOKENS, MAX_TOKENS = 64, 4096


class InvalidRequestError(ValueError):
    """The request is not one that the model answers; `parameter` is the field that is wrong, None for the body."""

    def __init__(self, message: str, parameter: str | None = None) -> None:
        super().__init__(message)
        self.parameter = parameter


@dataclass(frozen=True)
class ChatRequest:
    """A checked request of OpenAI's chat completions or completions.

    Usage:
        ChatRequest.parse(b'{"model": "chat-1", "messages": [{"role": "user", "content": "Hello"}]}', is_chat=True)

    `prompt` is the text that the model reads: the string of a completion, or all messages one after the other.
    `tokens` is what max_tokens (or max_completion_tokens) asks for, 64 by default. Other fields, such as temperature,
    are let through and change nothing. Raises InvalidRequestError.
    """

    model: str
    prompt: str
    tokens: int
    is_chat: bool
    is_streamed: bool
    has_usage: bool

    @classmethod
    def parse(cls, body: bytes, is_chat: bool) -> ChatRequest:
        """Check the bytes of a request body."""
        document = _document(body)
        is_streamed = _is_streamed(document)
        return cls(
            model=_string(document, "model"),
            prompt=_prompt_of(document) if is_chat else _string(document, "prompt"),
            tokens=_tokens(document),
            is_chat=is_chat,
            is_streamed=is_streamed,
            has_usage=not is_streamed or _includes_usage(document),
        )


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError(f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise InvalidRequestError("the body must be an object")
    return document


def _prompt_of(document: Mapping[str, Any]) -> str:
    messages = document.get("messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidRequestError("messages must be a list of at least one message", "messages")
    turns = [_message(message, f"messages[{index}]") for index, message in enumerate(messages)]
    return "".join([*turns, "<|assistant|>\n"])


def _message(message: Any, where: str) -> str:
    if not isinstance(message, dict) or not isinstance(message.get("role"), str):
        raise InvalidRequestError(f"{where} must be an object with a role and content", where)
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(part["text"] for part in content if isinstance(part, dict) and "text" in part)
    if not isinstance(content, str):
        raise InvalidRequestError(f"{where}.content must be text", f"{where}.content")
    return f"<|{message['role']}|>\n{content}\n"


def _string(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidRequestError(f"{name} must be a string that is not empty", name)
    return value


def _tokens(document: Mapping[str, Any]) -> int:
    for name in ("max_completion_tokens", "max_tokens"):
        value = document.get(name)
        if value is not None:
            if type(value) is not int or not 1 <= value <= MAX_TOKENS:
                raise InvalidRequestError(f"{name} must be a whole number from 1 to {MAX_TOKENS}", name)
            return value
    return DEFAULT_TOKENS


def _is_streamed(document: Mapping[str, Any]) -> bool:
    value = document.get("stream")
    if value is not None and not isinstance(value, bool):
        raise InvalidRequestError("stream must be true or false", "stream")
    return bool(value)


def _includes_usage(document: Mapping[str, Any]) -> bool:
    options = document.get("stream_options")
    if options is not None and not isinstance(options, dict):
        raise InvalidRequestError("stream_options must be an object", "stream_options")
    return bool(options and options.get("include_usage"))
