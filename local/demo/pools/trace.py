"""Conversations to replay, made of real text."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pydoc_data.topics import topics

_SYSTEM_PROMPTS = 4
_SYSTEM_CHARACTERS = 450
_FIRST_CHARACTERS, _LATER_CHARACTERS = (1400, 2000), (250, 500)
_TURNS, _TOKENS = (4, 8), (24, 80)
_SHORTEST_TOPIC = 2500
_PARAGRAPH = re.compile(r"\n{2,}")


@dataclass(frozen=True)
class Turn:
    """What the user says, and how many tokens the answer shall have."""

    text: str
    tokens: int


@dataclass(frozen=True)
class Conversation:
    """A system prompt and the user's turns; the model's answers come between them."""

    number: int
    system: str
    turns: tuple[Turn, ...]


class ConversationTrace:
    """Conversations about CPython's language reference, as `pydoc_data.topics` ships it.

    Usage:
        ConversationTrace(conversations=128, seed=7).conversations

    Each has one of four system prompts and 4 to 8 turns: the user shows a passage, then what follows it, piece by
    piece. The same numbers make the same trace with the same version of Python.
    """

    def __init__(self, conversations: int, seed: int = 7) -> None:
        chance = random.Random(seed)
        names = [name for name, text in sorted(topics.items()) if len(text) >= _SHORTEST_TOPIC]
        systems = [_system_prompt(name) for name in chance.sample(names, _SYSTEM_PROMPTS)]
        self.conversations = [
            Conversation(number, chance.choice(systems), _turns(chance.choice(names), chance))
            for number in range(conversations)
        ]


def _system_prompt(name: str) -> str:
    return f"You explain the Python language reference, section {name}, in few words. It begins:\n" + _piece(
        topics[name], 0, _SYSTEM_CHARACTERS
    )


def _turns(name: str, chance: random.Random) -> tuple[Turn, ...]:
    text = topics[name]
    position = chance.choice([found.end() for found in _PARAGRAPH.finditer(text)])
    turns: list[Turn] = []
    for number in range(chance.randint(*_TURNS)):
        length = chance.randint(*(_LATER_CHARACTERS if number else _FIRST_CHARACTERS))
        question = "And what of this?" if number else f"What does this passage of {name} say?"
        turns.append(Turn(f"{question}\n{_piece(text, position, length)}", chance.randint(*_TOKENS)))
        position += length
    return tuple(turns)


def _piece(text: str, position: int, length: int) -> str:
    """That much of a text from there on, and of its beginning where it ends."""
    start = position % len(text)
    return (text[start : start + length] + text)[:length]
