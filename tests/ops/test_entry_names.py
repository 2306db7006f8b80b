"""The names in the shared cache: which are a model's, and what patterns find them."""

from __future__ import annotations

import pytest

from components.prediction_key import entry_prefix
from ops.entry_names import EntryName, ModelNames, escaped_glob

QUESTION, KEY = "q" * 27, "k" * 27
NAMES = ModelNames("inference-edge:dev", "digits")


def test_the_name_of_an_answer_and_of_a_lease() -> None:
    name = f"{entry_prefix('inference-edge:dev', 'digits', '1:beta {2}', 7)}{{{QUESTION}.{KEY}}}".encode()
    assert NAMES.parse(name) == EntryName(7, QUESTION, False)
    assert NAMES.parse(name + b":f") == EntryName(7, QUESTION, True)


def test_the_mark_of_verification_is_of_no_question() -> None:
    assert NAMES.parse(b"inference-edge:dev:digits@1:7:{off}") == EntryName(7, "", False)


@pytest.mark.parametrize(
    "name",
    [
        f"inference-edge:dev:letters@1:7:{{{QUESTION}.{KEY}}}",
        f"inference-edge:dev:digits-2@1:7:{{{QUESTION}.{KEY}}}",
        f"inference-edge:dev2:digits@1:7:{{{QUESTION}.{KEY}}}",
        f"x:inference-edge:dev:digits@1:7:{{{QUESTION}.{KEY}}}",
        f"inference-edge:dev:digits@1:{{{QUESTION}.{KEY}}}",
        f"inference-edge:dev:digits@1:7:{{{QUESTION}.{KEY}}}:g",
        f"inference-edge:dev:digits@1:7:{{{QUESTION}}}",
        f"inference-edge:dev:digits@1:7:{{{QUESTION}.{KEY}x}}",
        f"inference-edge:dev:digits@1:2:7:{{{QUESTION}.{KEY}}}",
        f"inference-edge:dev:digits@1:-7:{{{QUESTION}.{KEY}}}",
        "inference-edge:dev:digits@1:7:mine",
        "",
    ],
)
def test_other_names_are_not_the_models(name: str) -> None:
    assert NAMES.parse(name.encode()) is None


def test_characters_that_patterns_know_are_escaped() -> None:
    assert escaped_glob(b"a*b?c[d]e\\f") == rb"a\*b\?c\[d\]e\\f"
    assert ModelNames("p*", "m").pattern == rb"p\*:m@*"
    assert ModelNames("p*", "m").pattern_of("q_-").endswith(b":{q_-.*")
