"""A value that each provider of an edge takes in its own way."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, ValidationError

from settings.by_provider import ByProvider
from settings.field_types import Choice, Whole

SMALL, LARGE = Whole(1, 10), Whole(1, 100)


class Section(BaseModel):
    number: Annotated[int, ByProvider(cloudfront=LARGE, media_cdn=SMALL)]


@pytest.mark.parametrize(
    ("provider", "number"),
    [("cloudfront", 100), ("media-cdn", 10), ("cloud-cdn", 100), ("none", 100), (None, 100), (["media-cdn"], 100)],
)
def test_accepts_what_its_provider_takes_and_without_one_what_any_takes(provider: object, number: int) -> None:
    assert Section.model_validate({"number": number}, context=provider).number == number
    with pytest.raises(ValidationError):
        Section.model_validate({"number": number + 1}, context=provider)


def test_says_who_takes_what_and_each_rule_once() -> None:
    assert ByProvider(LARGE, SMALL, SMALL).must == (
        "must be with cloudfront: a whole number from 1 to 100; "
        "with media-cdn or cloud-cdn: a whole number from 1 to 10"
    )


def test_the_schema_has_each_rule_once() -> None:
    assert ByProvider(LARGE, LARGE).json_schema() == LARGE.json_schema()
    assert ByProvider(LARGE, SMALL, LARGE).json_schema() == {"anyOf": [LARGE.json_schema(), SMALL.json_schema()]}


def test_a_choice_may_have_one_value() -> None:
    assert Choice(("none",), "nothing else is possible").must == "must be none; nothing else is possible"
