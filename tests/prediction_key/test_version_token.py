"""A version's token: 32 hexadecimal digits that change with whatever makes an answer another one."""

import dataclasses

import pytest

from components.prediction_key import KeySettings, Sharing
from tests.prediction_key.deployed_key import SECRET, SETTINGS

SHARING = Sharing(endpoint="http://model.test:8080/invocations")
SHARED: KeySettings = dataclasses.replace(SETTINGS, get_twin=True, sharing=SHARING)


def test_a_token_is_the_same_for_the_same_version() -> None:
    token = SHARED.version_token(SECRET)
    assert token == dataclasses.replace(SHARED).version_token(SECRET)
    assert len(token) == 32
    assert set(token) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "digit", "version": "s1"},
        {"version": "2"},
        {"generation": 2},
        {"ttl_seconds": 301},
        {"exclude_fields": ("id",)},
        {"headers": (*SETTINGS.headers, "x-tenant")},
        {"upstream_headers_digest": "0" * 64},
        {"sharing": dataclasses.replace(SHARING, endpoint="http://model.test:8081/invocations")},
    ],
    ids=str,
)
def test_another_version_has_another_token(changes) -> None:
    assert dataclasses.replace(SHARED, **changes).version_token(SECRET) != SHARED.version_token(SECRET)


def test_another_secret_is_another_token() -> None:
    assert SHARED.version_token(SECRET[::-1]) != SHARED.version_token(SECRET)


@pytest.mark.parametrize(
    ("version", "tag"),
    [("7", "7"), ("2025-11.a_b~c", "2025-11.a_b~c"), ("a,b c/é%", "a%2Cb%20c%2F%C3%A9%25"), ("x\ny", "x%0Ay")],
)
def test_a_tag_is_printable_and_has_no_comma(version, tag) -> None:
    assert SHARING.lua_values("digits", version)["cache_tag"] == f"digits,digits@{tag}"
