"""Names that Google takes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.edge.google.names import short_name

LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
HOSTS = st.builds(
    lambda star, labels: star + ".".join(labels), st.sampled_from(["", "*."]), st.lists(LABEL, min_size=2)
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("digits", "digits"),
        ("predict.test.com", "predict-test-com"),
        ("my-model", "my-model"),
        ("a-model-with-a-name-of-many-words", "a-model-with-a-8c2d8e"),
    ],
)
def test_a_name_is_shortened_only_where_it_has_to_be(text: str, name: str) -> None:
    assert short_name(text)[:14] == name[:14]
    assert (short_name(text) == text.replace(".", "-")) == (len(text) <= 22)


@given(st.lists(st.one_of(LABEL, HOSTS), unique=True, max_size=20))
def test_names_are_short_and_stay_different(texts: list[str]) -> None:
    names = [short_name(text) for text in texts]
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{0,20}[a-z0-9]|[a-z]", name) for name in names)
    models = [name for name, text in zip(names, texts, strict=True) if "." not in text]
    hosts = [name for name, text in zip(names, texts, strict=True) if "." in text]
    assert len(set(models)) == len(models) and len(set(hosts)) == len(hosts)
