"""What an operation reports: its steps while they happen, and the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from local.engine.goal import Goal
from local.engine.values import mask

Operation = Literal["create", "update", "replace", "delete", "same"]
OPERATIONS: tuple[Operation, ...] = ("create", "update", "replace", "delete", "same")


@dataclass(frozen=True)
class Step:
    """One resource's part of an operation; `diff` holds readable lines, secrets as ``[secret]``."""

    op: Operation
    urn: str
    type: str
    name: str
    diff: list[str] = field(default_factory=list)
    summary: str = ""


@dataclass(frozen=True)
class Event:
    """Progress: a step starts, is done or failed, or the program logged a message."""

    kind: Literal["start", "done", "failed", "log"]
    step: Step | None = None
    message: str = ""
    severity: str = "info"


@dataclass
class Result:
    """The outcome of preview, up, refresh or destroy.

    Usage: ``engine.up().changes["create"]``. `outputs` masks secrets; `graph` is what the program registered,
    sorted by URN; `policies` is what a policy pack found, for people, empty without a pack.
    """

    steps: list[Step]
    stack_outputs: Mapping[str, Any]
    goals: list[Goal] = field(default_factory=list)
    policies: str = ""

    @property
    def changes(self) -> dict[str, int]:
        """Number of resources per operation."""
        return {op: sum(step.op == op for step in self.steps) for op in OPERATIONS}

    @property
    def outputs(self) -> dict[str, Any]:
        """Stack outputs; secrets as ``[secret]``, values not known yet as ``[unknown]``."""
        return self.outputs_with()

    def outputs_with(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """Stack outputs, with secrets in clear if asked."""
        return mask(self.stack_outputs, show_secrets)

    @property
    def graph(self) -> list[dict[str, Any]]:
        """The registered resources, secrets as ``[secret]``."""
        return self.graph_with()

    def graph_with(self, *, show_secrets: bool = False) -> list[dict[str, Any]]:
        """The registered resources, with secrets in clear if asked."""
        return [goal.describe(show_secrets) for goal in sorted(self.goals, key=lambda goal: goal.urn)]
