from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from local.model.chat.prefix_cache import BLOCK_CHARACTERS, PrefixCache, block_chain, tokens_of

TEXT = "".join(chr(97 + number % 26) for number in range(10 * BLOCK_CHARACTERS))


def test_only_full_blocks_count() -> None:
    assert len(block_chain("m", TEXT)) == 10
    assert block_chain("m", TEXT[: 2 * BLOCK_CHARACTERS - 1]) == block_chain("m", TEXT)[:1]
    assert block_chain("m", TEXT[: BLOCK_CHARACTERS - 1]) == []


def test_a_block_is_found_by_all_that_stands_before_it() -> None:
    other = "x" + TEXT[1:]
    assert set(block_chain("m", TEXT)).isdisjoint(block_chain("m", other))


def test_a_prefix_of_one_model_is_of_no_use_to_another() -> None:
    assert set(block_chain("a", TEXT)).isdisjoint(block_chain("b", TEXT))


def test_finds_as_much_as_two_prompts_have_in_common() -> None:
    cache = PrefixCache(100)
    assert cache.use(block_chain("m", TEXT)) == 0
    cache.add(block_chain("m", TEXT))
    assert cache.use(block_chain("m", TEXT)) == 10
    assert cache.use(block_chain("m", TEXT[: 4 * BLOCK_CHARACTERS] + "?" * 6 * BLOCK_CHARACTERS)) == 4
    cache.clear()
    assert (cache.use(block_chain("m", TEXT)), len(cache)) == (0, 0)


def test_gives_up_the_prompt_that_was_used_least_recently_and_its_end_first() -> None:
    cache = PrefixCache(12)
    first, second, third = (block_chain("m", name * 5 * BLOCK_CHARACTERS) for name in "abc")
    cache.add(first)
    cache.add(second)
    assert cache.use(first) == 5
    cache.add(third)
    assert cache.use(second) == 2
    assert (cache.use(first), cache.use(third)) == (5, 5)


@given(st.lists(st.text("ab", min_size=0, max_size=12), max_size=30), st.integers(1, 8))
def test_never_keeps_more_than_it_may_and_always_the_last_prompt(prompts: list[str], blocks: int) -> None:
    cache = PrefixCache(blocks)
    for prompt in prompts:
        chain = block_chain("m", "".join(letter * BLOCK_CHARACTERS for letter in prompt))
        cache.use(chain)
        cache.add(chain)
        assert len(cache) <= blocks
        assert cache.use(chain) == min(len(chain), blocks)


def test_a_token_is_four_characters() -> None:
    assert [tokens_of(characters) for characters in (0, 1, 4, 5)] == [0, 1, 1, 2]
