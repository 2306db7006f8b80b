from __future__ import annotations

from pydoc_data.topics import topics

from local.demo.pools.trace import ConversationTrace


def test_the_same_numbers_make_the_same_conversations() -> None:
    assert ConversationTrace(20, seed=3).conversations == ConversationTrace(20, seed=3).conversations
    assert ConversationTrace(20, seed=3).conversations != ConversationTrace(20, seed=4).conversations
    assert ConversationTrace(20, seed=3).conversations == ConversationTrace(30, seed=3).conversations[:20]


def test_a_few_system_prompts_begin_many_conversations_of_several_turns() -> None:
    conversations = ConversationTrace(128).conversations
    assert len({conversation.system for conversation in conversations}) == 4
    assert all(4 <= len(conversation.turns) <= 8 for conversation in conversations)
    assert len({conversation.turns[0].text for conversation in conversations}) > 120


def test_what_is_asked_is_the_language_reference_read_on_from_turn_to_turn() -> None:
    for conversation in ConversationTrace(20).conversations:
        question, _, _ = conversation.turns[0].text.partition("\n")
        name = question.removeprefix("What does this passage of ").removesuffix(" say?")
        read = "".join(turn.text.partition("\n")[2] for turn in conversation.turns)
        assert read in topics[name] * 3
        assert all(24 <= turn.tokens <= 80 for turn in conversation.turns)
