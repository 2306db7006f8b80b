"""Numbers as a person reads them."""

from __future__ import annotations

import pytest

from ops.status.wording import counts, milliseconds, money, percent, shown, size


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0.01, "< 1"), (0.99, "< 1"), (1.0, "1"), (34.4, "34"), (1200.0, "1,200"), (60_000.0, ">= 60,000")],
)
def test_milliseconds(value: float | None, text: str) -> None:
    assert milliseconds(value) == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (None, "-"),
        (0.0, "0 %"),
        (1e-9, "< 0.01 %"),
        (0.0004, "0.04 %"),
        (0.0123, "1.2 %"),
        (0.5, "50.0 %"),
        (0.99999, "> 99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_ratios_are_never_rounded_to_none_or_all(ratio: float | None, text: str) -> None:
    assert percent(ratio) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "-"),
        (0.0, "0.00 USD"),
        (0.164, "0.16 USD"),
        (0.00042, "0.00042 USD"),
        (0.0000000012, "0.0000000012 USD"),
        (1234.5, "1,234.50 USD"),
        (12_345_678.9, "12,345,678.90 USD"),
    ],
)
def test_money(amount: float | None, text: str) -> None:
    assert money(amount, "USD") == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (128 * 2**20, "128.0 MiB"), (3 * 2**50, "3072.0 TiB")],
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text


def test_control_characters_are_not_shown() -> None:
    assert shown("a\x1b[31m\x9b\n\u202eb é") == "a\ufffd[31m\ufffd\ufffd\ufffdb é"


def test_what_is_long_is_cut() -> None:
    assert shown("x" * 1_000_000) == "x" * 299 + "…"
    assert counts({"a": 2, "": 1}) == "a 2, other 1"
    assert counts({f"d{place}": 2 for place in range(1_000)}).endswith(", d11 2, 988 more 1,976")
