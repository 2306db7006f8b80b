"""The text that a chat replica answers with."""

from __future__ import annotations

import random

from local.model.chat.prefix_cache import CHARACTERS_PER_TOKEN

_NO_WORDS = ["and", "so", "on"]
_ROLE = "<|"  # how the prompt of a chat names who speaks


def generated(model: str, prompt: str, tokens: int) -> str:
    """Return words of the prompt in another order, so many tokens long.

    The same model answers the same prompt alike in every process, another model differently; the start of a longer
    answer is the shorter one.
    """
    chance = random.Random(f"{model}\0{prompt}")
    words = [word for word in prompt.split() if not word.startswith(_ROLE)] or _NO_WORDS
    length = tokens * CHARACTERS_PER_TOKEN
    text = ""
    while len(text) < length:
        text += f"{chance.choice(words)} "
    return text[:length]
