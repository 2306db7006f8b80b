"""The Kong names and tags of a stack, as its components make them."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from typing import TypeVar

from pulumi.runtime import reset_options

from components import naming

_T = TypeVar("_T")


class StackNames:
    """``components/naming.py`` for a given project and stack, outside a Pulumi program.

    Usage: ``StackNames("inference-edge", "dev").kong_name("digits")`` is ``inference-edge-dev-digits``.
    """

    def __init__(self, project: str, stack: str) -> None:
        self._project, self._stack = project, stack

    def kong_name(self, name: str) -> str:
        """The Kong name of a model's service and route, or of a consumer."""
        return self._as_in_program(lambda: naming.kong_name(name))

    @property
    def tags(self) -> frozenset[str]:
        """The tags of everything that the stack owns."""
        return frozenset(self._as_in_program(naming.stack_tags))

    def _as_in_program(self, ask: Callable[[], _T]) -> _T:
        def run() -> _T:
            reset_options(project=self._project, stack=self._stack)
            return ask()

        return contextvars.copy_context().run(run)  # the process keeps its own project and stack
