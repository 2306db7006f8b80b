from __future__ import annotations

import pytest

from local.model.chat.speed import Speed
from local.model.chat.text import generated


def test_is_made_of_the_prompts_words_and_as_long_as_asked() -> None:
    text = generated("m", "<|user|>\nred green blue\n<|assistant|>\n", 50)
    assert len(text) == 200
    assert set(text.split()[:-1]) == {"red", "green", "blue"}


def test_is_the_same_for_the_same_model_and_prompt_alone() -> None:
    texts = [generated(*asked, 20) for asked in (("a", "x y z"), ("b", "x y z"), ("a", "x y z "))]
    assert len({*texts}) == 3
    assert generated("a", "x y z", 20) == texts[0]
    assert texts[0].startswith(generated("a", "x y z", 5))


def test_a_prompt_without_words_has_an_answer() -> None:
    assert len(generated("m", "", 3)) == 12


def test_reading_takes_what_it_is_told_and_writing_five_times_as_long() -> None:
    speed = Speed(2.0)
    assert speed.reading_seconds(4096) == pytest.approx(2.0)
    assert speed.writing_seconds(100) == pytest.approx(5 * speed.reading_seconds(100))
    assert Speed(0).writing_seconds(4096) == 0
