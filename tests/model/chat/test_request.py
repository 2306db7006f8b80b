from __future__ import annotations

import json
from typing import Any

import pytest

from local.model.chat.request import ChatRequest, InvalidRequestError

HELLO = {"model": "chat-1", "messages": [{"role": "user", "content": "Hello"}]}


def parsed(document: Any, is_chat: bool = True) -> ChatRequest:
    return ChatRequest.parse(json.dumps(document).encode(), is_chat)


def test_the_prompt_is_every_message_in_order_and_begins_like_the_one_before() -> None:
    turn = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    first = parsed({"model": "m", "messages": turn})
    more = [*turn, {"role": "assistant", "content": "Hi"}, {"role": "user", "content": "Bye"}]
    second = parsed({"model": "m", "messages": more})
    assert first.prompt == "<|system|>\nBe brief.\n<|user|>\nHello\n<|assistant|>\n"
    assert second.prompt == f"{first.prompt}Hi\n<|user|>\nBye\n<|assistant|>\n"


def test_what_is_not_said_has_a_default() -> None:
    asked = parsed(HELLO)
    assert (asked.model, asked.tokens, asked.is_streamed, asked.has_usage) == ("chat-1", 64, False, True)
    assert parsed({**HELLO, "temperature": 0, "max_completion_tokens": 5}).tokens == 5


def test_a_stream_tells_its_usage_when_it_is_asked() -> None:
    assert not parsed({**HELLO, "stream": True}).has_usage
    assert parsed({**HELLO, "stream": True, "stream_options": {"include_usage": True}}).has_usage


def test_content_may_come_in_parts() -> None:
    parts = [{"type": "text", "text": "Hel"}, {"type": "image_url"}, {"type": "text", "text": "lo"}]
    assert parsed({**HELLO, "messages": [{"role": "user", "content": parts}]}).prompt == parsed(HELLO).prompt


def test_a_completion_has_a_prompt_of_its_own() -> None:
    assert parsed({"model": "m", "prompt": "Once"}, is_chat=False).prompt == "Once"


@pytest.mark.parametrize(
    ("document", "parameter", "message"),
    [
        ([], None, "the body must be an object"),
        ({**HELLO, "model": ""}, "model", "model must be a string that is not empty"),
        ({"model": "m"}, "messages", "messages must be a list of at least one message"),
        ({**HELLO, "messages": [1]}, "messages[0]", "messages[0] must be an object with a role and content"),
        ({**HELLO, "messages": [{"role": "user"}]}, "messages[0].content", "messages[0].content must be text"),
        ({**HELLO, "max_tokens": 0}, "max_tokens", "max_tokens must be a whole number from 1 to 4096"),
        ({**HELLO, "max_tokens": True}, "max_tokens", "max_tokens must be a whole number from 1 to 4096"),
        ({**HELLO, "stream": "yes"}, "stream", "stream must be true or false"),
        ({**HELLO, "stream_options": 1, "stream": True}, "stream_options", "stream_options must be an object"),
    ],
)
def test_what_is_wrong_is_named(document: Any, parameter: str | None, message: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parsed(document)
    assert (caught.value.parameter, str(caught.value)) == (parameter, message)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequestError, match="the body is not JSON"):
        ChatRequest.parse(body, is_chat=True)
