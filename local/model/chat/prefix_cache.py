"""Which prefixes of prompts a replica has computed already."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from itertools import takewhile

CHARACTERS_PER_TOKEN = 4
TOKENS_PER_BLOCK = 16
BLOCK_CHARACTERS = CHARACTERS_PER_TOKEN * TOKENS_PER_BLOCK
_DIGEST_BYTES = 16


class PrefixCache:
    """A bounded number of blocks of prompts, the least recently used given up first.

    Usage:
        cache = PrefixCache(blocks=1024)
        chain = block_chain("chat-1", prompt)
        cache.use(chain)            # 0: how many blocks from the start are there
        cache.add(chain)
        cache.use(chain)            # len(chain)

    As vLLM's automatic prefix caching (https://docs.vllm.ai/en/latest/design/prefix_caching.html): blocks of 16 tokens,
    full ones only, each found by a hash of its text and of all before it; of one prompt the last blocks go first,
    because without its start the rest is of no use. Here a token is four characters.
    """

    def __init__(self, blocks: int) -> None:
        self._capacity = blocks
        self._used: OrderedDict[bytes, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._used)

    def use(self, chain: Sequence[bytes]) -> int:
        """Return how many blocks from the start of the chain are there; they count as used now."""
        found = list(takewhile(self._used.__contains__, chain))
        self._touch(found)
        return len(found)

    def add(self, chain: Sequence[bytes]) -> None:
        """Keep the blocks of a chain."""
        self._touch(chain)
        while len(self._used) > self._capacity:
            self._used.popitem(last=False)

    def clear(self) -> None:
        """Give up every block."""
        self._used.clear()

    def _touch(self, chain: Sequence[bytes]) -> None:
        for block in reversed(chain):
            self._used[block] = None
            self._used.move_to_end(block)


def block_chain(model: str, text: str) -> list[bytes]:
    """Return the hash of each full block of a text; those of one model (or adapter) are of no use to another."""
    chain, before = [], blake2b(model.encode(), digest_size=_DIGEST_BYTES).digest()
    for start in range(0, len(text) - BLOCK_CHARACTERS + 1, BLOCK_CHARACTERS):
        block = text[start : start + BLOCK_CHARACTERS].encode("utf-8", "surrogatepass")
        before = blake2b(before + block, digest_size=_DIGEST_BYTES).digest()
        chain.append(before)
    return chain


def tokens_of(characters: int) -> int:
    """Return how many tokens so many characters are."""
    return -(-characters // CHARACTERS_PER_TOKEN)
