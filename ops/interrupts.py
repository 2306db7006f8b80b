"""Signals that end a run, as KeyboardInterrupt: what it has made is removed, and its processes end.

Usage::

    with interruptible():                # in the main thread
        with uninterrupted(): ...        # a signal waits for the end of this block
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_ENDING = (signal.SIGTERM, signal.SIGHUP)  # SIGHUP: its terminal is gone


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM and SIGHUP are as Ctrl-C, unless they are ignored (nohup)."""
    found = {number: signal.getsignal(number) for number in _ENDING}
    taken = [number for number, handler in found.items() if handler is not signal.SIG_IGN]
    for number in taken:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, found[number])


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Raises KeyboardInterrupt at the end of the block when a signal has come in it."""
    came = False

    def note(*_: object) -> None:
        nonlocal came
        came = True

    found = {number: signal.getsignal(number) for number in (signal.SIGINT, *_ENDING)}
    taken = [number for number, handler in found.items() if handler is signal.default_int_handler]
    for number in taken:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.default_int_handler)
    if came:
        raise KeyboardInterrupt
