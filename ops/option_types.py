"""Values that several commands take as options, for argparse's `type`."""

from __future__ import annotations

import argparse

_YEAR_SECONDS = 365 * 86_400


def number_above_0(text: str) -> float:
    """A finite number."""
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return number


def seconds_above_0(text: str) -> float:
    """A number of seconds that the operating system can wait."""
    seconds = number_above_0(text)
    if seconds > _YEAR_SECONDS:
        raise argparse.ArgumentTypeError(f"{text} is more than a year of seconds")
    return seconds
