"""What the deployed Lua takes for a prompt's beginning, against a JSON parser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from components import lua

_SOURCE = lua.chunk({"C": {"messages": 2, "characters": 40}}, "pool/prompt") + "\nreturn prompt_of"
_PROMPT_OF: Any = LuaRuntime(encoding="latin-1").execute(_SOURCE)  # pyright: ignore[reportCallIssue]

SYSTEM = {"role": "system", "content": "Answer in one word."}
FIRST = {"role": "user", "content": 'Who wrote "Emma" \\ [1815] {novel}?'}
ANSWER = {"role": "assistant", "content": "Austen"}
NEXT = {"role": "user", "content": "And when?"}


def prompt_of(body: bytes) -> tuple[str, str]:
    model, prompt = _PROMPT_OF(body.decode("latin-1"))
    return model, prompt


def asked(**members: Any) -> bytes:
    return json.dumps(members).encode()


def test_a_conversation_begins_alike_in_all_of_its_turns() -> None:
    turns = [[SYSTEM, FIRST], [SYSTEM, FIRST, ANSWER, NEXT], [SYSTEM, FIRST, ANSWER, NEXT, ANSWER, NEXT]]
    assert len({prompt_of(asked(model="m", messages=turn)) for turn in turns}) == 1


def test_a_conversation_without_a_system_prompt_begins_alike_in_all_of_its_turns() -> None:
    turns = [[FIRST], [FIRST, ANSWER, NEXT], [FIRST, ANSWER, NEXT, ANSWER, NEXT]]
    heads = {prompt_of(asked(model="m", messages=turn)) for turn in turns}
    assert heads == {('"m"', "[" + json.dumps(FIRST))}


def test_conversations_with_one_system_prompt_begin_differently() -> None:
    assert prompt_of(asked(messages=[SYSTEM, FIRST])) != prompt_of(asked(messages=[SYSTEM, NEXT]))


def test_a_quoted_answer_is_not_the_models_own() -> None:
    quoting = {"role": "user", "content": json.dumps(ANSWER)}
    _, prompt = prompt_of(asked(messages=[SYSTEM, quoting, ANSWER]))
    assert prompt == "[" + json.dumps(SYSTEM) + ", " + json.dumps(quoting)


@pytest.mark.parametrize("member", ["prompt", "input", "inputs"])
def test_a_text_counts_from_its_first_characters(member: str) -> None:
    long, longer = "x" * 50, "x" * 50 + "y"
    assert prompt_of(asked(**{member: long})) == prompt_of(asked(**{member: longer}))
    assert prompt_of(asked(**{member: "y" + long})) != prompt_of(asked(**{member: long}))


def test_adapters_are_told_apart() -> None:
    assert prompt_of(asked(model="a", prompt="x"))[0] != prompt_of(asked(model="b", prompt="x"))[0]


def test_members_after_the_prompt_and_decoys_inside_it_change_nothing() -> None:
    decoy = {"role": "user", "content": '"model": "b", "messages": []'}
    assert prompt_of(asked(model="a", messages=[decoy], seed={"model": "c"})) == prompt_of(
        asked(model="a", messages=[decoy], seed=[[{"messages": 1}]])
    )


_texts = st.text(max_size=8) | st.sampled_from(['"', "\\", '\\"', "{", "]", ",", ":", "messages", "assistant"])
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=500, deadline=None)
@given(
    before=st.dictionaries(_texts.filter(lambda name: name not in ("prompt", "input", "inputs", "messages")), _values),
    messages=st.lists(_values, max_size=4),
    indent=st.sampled_from([None, 0, 2]),
)
def test_the_head_is_that_of_the_messages_whatever_else_is_there(
    before: dict[str, Any], messages: list[Any], indent: int | None
) -> None:
    body = json.dumps({**before, "messages": messages}, indent=indent).encode()
    _, prompt = prompt_of(body)
    read = json.loads(prompt + "]") if prompt != "[]" else []
    assert read == messages[: len(read)]
    assert len(read) == min(2, len(messages)) or '"assistant"' in json.dumps(messages)


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=60) | st.text('{}[]",:\\ ab"messages"prompt', max_size=40).map(str.encode))
def test_no_body_is_too_odd(body: bytes) -> None:
    model, prompt = prompt_of(body)
    assert isinstance(model, str) and isinstance(prompt, str)
