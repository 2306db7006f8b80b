"""The argument modelHeader: a header that names the model, for what is not looked into."""

from __future__ import annotations

import dataclasses

import pytest

from tests.router_lua.entry import SETTINGS, Entry


@pytest.fixture(scope="module")
def headed() -> Entry:
    return Entry(dataclasses.replace(SETTINGS, model_header="x-model"))


def test_a_header_names_the_model_of_what_is_not_looked_into(headed):
    for length, content_type in ((None, "application/json"), (65_537, "application/json"), (5, "image/png")):
        for name, model in (("a", "alpha"), ("z", None)):
            sent = [("content-type", content_type), ("X-Model", name)]
            assert headed.ask(b"12345", sent, length=length).model == model


def test_a_header_names_the_model_of_a_body_that_names_none(headed):
    assert headed.ask(b'{"x":1}', [("x-model", "a")]).model == "alpha"
    assert headed.ask(b'{"x":1,"model":null}', [("x-model", "a")]).refused == "not-a-string"
    assert headed.ask(b'{"x":', [("x-model", "a")]).refused == "json"


def test_header_and_body_must_agree(headed):
    assert headed.ask(b'{"model":"a"}', [("x-model", "a")]).model == "alpha"
    assert headed.ask(b'{"model":"a"}', [("x-model", "b")]).refused == "differs"


@pytest.mark.parametrize(
    "headers",
    [
        [("x-model", "a"), ("x-model", "a")],
        [("x-model", "a"), ("x_model", "a")],
        [("x_model", "b"), ("x-model", "a")],
        [("X_Model", "a")],
    ],
    ids=str,
)
def test_a_header_that_may_be_read_differently_is_refused(headed, headers):
    for body in (b'{"model":"a"}', b'{"x":1}'):
        assert headed.ask(body, headers).refused == "header"


def test_a_name_that_cannot_be_replaced_is_refused(headed):
    large = headed.ask(b'{"model":"b"}', [("x-model", "b")], length=65_537)
    assert (large.model, large.refused) == (None, "served-name")


@pytest.mark.parametrize("content_type", ["application/json", "image/png", "text/plain"])
@pytest.mark.parametrize("body", [b'{"x":1}', b"x", b'["b"]', b"{}"])
def test_a_served_name_that_the_body_has_no_place_for_is_refused(headed, body, content_type):
    """The server would answer with its default model."""
    found = headed.ask(body, [("x-model", "b"), ("content-type", content_type)])
    is_broken = body == b"x" and content_type == "application/json"
    assert (found.model, found.refused) == (None, "json" if is_broken else "served-name")
    assert found.header("Xpredictionmodel") == []
    assert found.body == body


def test_without_the_argument_no_header_names_a_model():
    assert Entry().ask(b"x", [("content-type", "image/png"), ("x-model", "a")]).refused == "content-type"
