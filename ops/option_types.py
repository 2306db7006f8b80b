"""Values that several commands take as options."""

from __future__ import annotations

import argparse


def seconds_above_0(text: str) -> float:
    """For argparse's `type`: a number of seconds."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds above 0")
    return seconds
