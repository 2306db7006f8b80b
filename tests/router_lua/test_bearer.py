"""OpenAI's clients send the key as a bearer token: on the router's paths it is one, where a key is asked for."""

from __future__ import annotations

import dataclasses

import pytest

from tests.router_lua.entry import MODELS, SETTINGS, Entry


@pytest.fixture(scope="module")
def keyed() -> Entry:
    return Entry(dataclasses.replace(SETTINGS, keyed=frozenset({"alpha"})))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
def test_it_is_the_key_of_a_keyed_model(keyed, scheme):
    found = keyed.ask(b'{"model":"a"}', [("authorization", f"{scheme} k1")])
    assert (found.header("apikey"), found.header("authorization")) == (["k1"], [])


def test_it_is_the_models_own_where_no_key_is_asked_for(keyed):
    found = keyed.ask(b'{"model":"b"}', [("authorization", "Bearer k1")])
    assert (found.header("apikey"), found.header("authorization")) == ([], ["Bearer k1"])


def test_a_key_comes_first(keyed):
    found = keyed.ask(b'{"model":"a"}', [("authorization", "Bearer k1"), ("apikey", "k2")])
    assert (found.header("apikey"), found.header("authorization")) == (["k2"], ["Bearer k1"])


@pytest.mark.parametrize("value", ["Basic k1", "Bearer", "Bearer ", "Bearer a b", "Bearerk1"])
def test_nothing_else_is(keyed, value):
    found = keyed.ask(b'{"model":"a"}', [("authorization", value)])
    assert (found.header("apikey"), found.header("authorization")) == ([], [value])


@pytest.mark.parametrize("asked", [{"path": MODELS, "method": "GET"}, {"body": b'{"model":"z"}'}, {"body": b"{"}])
def test_it_is_the_key_of_the_directory(keyed, asked):
    assert keyed.ask(headers=[("authorization", "Bearer k1")], **asked).header("apikey") == ["k1"]


def test_on_other_paths_it_stays_what_it_is(keyed):
    found = keyed.ask(b'{"model":"a"}', [("authorization", "Bearer k1")], path="/alpha/predict")
    assert (found.header("apikey"), found.header("authorization")) == ([], ["Bearer k1"])
