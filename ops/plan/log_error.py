"""What is wrong with a log of requests."""

from __future__ import annotations


class LogError(Exception):
    """The log cannot be read; the text tells a person which file, which line or row, and what to do.

    It never holds a value of the log: bodies and answers are nobody's business.
    """
