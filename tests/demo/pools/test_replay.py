from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from local.demo.pools.background import BackgroundConversations
from local.demo.pools.replay import Replay
from local.demo.pools.trace import Conversation, ConversationTrace, Turn
from local.world import LocalWorld

CONVERSATIONS = ConversationTrace(8).conversations


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with LocalWorld({}, latency_seconds=0, replicas={"large-1": 0}) as world:
        yield f"http://{world.replicas['large-1']}/v1/chat/completions"


@pytest.mark.parametrize("is_streamed", [True, False])
def test_holds_every_turn_after_the_answer_before_it(url: str, is_streamed: bool) -> None:
    model = f"chat-{is_streamed}"  # so that both begin without a prefix
    answers = Replay(url, "k", model, 4, is_streamed).run(CONVERSATIONS)
    assert len(answers) == sum(len(conversation.turns) for conversation in CONVERSATIONS)
    assert not any(answer.has_failed for answer in answers)
    # One replica has room for all: what was said before is there at every turn but the first.
    history = [answer for answer in answers if answer.cached_tokens > 300]
    assert len(history) == len(answers) - len(CONVERSATIONS)


def test_a_conversation_ends_with_an_answer_that_failed(url: str) -> None:
    refused = Conversation(0, "", (Turn("Hello", 0), Turn("Hello?", 5)))
    [answer] = Replay(url, "k", "m", 2, is_streamed=False).run([refused])
    assert (answer.status, answer.has_failed) == (400, True)


def test_conversations_go_on_in_the_background_until_the_block_ends(url: str) -> None:
    with BackgroundConversations(Replay(url, "k", "m", 4, is_streamed=False), CONVERSATIONS[:2]) as load:
        load.wait_for(40)
        load.wait_until(lambda answer: answer.replica == "large-1", 3)
    assert len(load.answers) >= 43
    assert not any(thread.name == "conversations" for thread in threading.enumerate())


def test_an_error_in_the_background_is_raised_where_it_is_waited_for(url: str) -> None:
    broken = Conversation(0, "", (Turn(b"no text", 5),))  # pyright: ignore[reportArgumentType]
    replay = Replay(url, "k", "m", 1, is_streamed=False)
    with pytest.raises(ExceptionGroup), BackgroundConversations(replay, [broken]) as load:
        load.wait_for(1)
