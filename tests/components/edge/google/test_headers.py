"""The lists of headers, against each other and against the gateway's."""

from __future__ import annotations

from components.edge import limits
from components.edge.google.unkeyed_headers import REMOVED, UNKEYED, unkeyed
from components.prediction_key.render import KEY_HEADERS
from tests.components.edge.cloudfront.arguments import shareable_route

BY_VALUE = {"accept"}  # looked at by its value
NO_DIFFERENCE = {"host", "content-type"}  # the gateway's own name; a GET's question is JSON


def test_every_header_of_the_gateways_key_is_looked_for() -> None:
    assert {*KEY_HEADERS} - BY_VALUE - NO_DIFFERENCE <= {*UNKEYED}


def test_no_header_that_is_removed_can_be_part_of_a_key() -> None:
    assert {*REMOVED} <= {*limits.NO_KEY_HEADERS, *limits.GOOGLE_NO_KEY_HEADERS}
    assert not {*REMOVED} & {*UNKEYED}


def test_a_models_key_headers_are_told_apart_by_the_key() -> None:
    names = unkeyed(shareable_route(key_headers=["prefer", "x-tenant"]), "x-model-version")
    assert names == sorted({*UNKEYED, "x-model-version"} - {"prefer"})
