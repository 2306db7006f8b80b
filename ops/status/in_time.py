"""Questions to several servers at once, of which none can hold up the rest for longer than it may.

Usage::

    answers = answers_in_time(20, [lambda: ask("a"), lambda: ask("b")])      # None for one that is late

A read's timeout is no such limit: a server may drip headers, or a TLS handshake, byte by byte.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

_T = TypeVar("_T")


def answers_in_time(seconds: float, questions: Sequence[Callable[[], _T]]) -> list[_T | None]:
    """In the order of the questions. Raises what a question raises; what is late is left to end with the process."""
    answers: list[Future[_T]] = [Future() for _ in questions]
    for question, answer in zip(questions, answers, strict=True):
        Thread(target=_ask, args=(question, answer), daemon=True).start()
    done, _ = wait(answers, seconds)
    return [answer.result() if answer in done else None for answer in answers]


def _ask(question: Callable[[], _T], answer: Future[_T]) -> None:
    try:
        answer.set_result(question())
    except BaseException as error:
        answer.set_exception(error)
