"""What an operation says when it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local.engine import EngineError


def failure_of(operation: Callable[[], Any]) -> str:
    """The message of the EngineError that an operation must raise."""
    with pytest.raises(EngineError) as failure:
        operation()
    return str(failure.value)
