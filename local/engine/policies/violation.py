"""What a policy found, and how it looks in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["advisory", "mandatory"]


@dataclass(frozen=True)
class Violation:
    """One resource breaks one policy. `message` is the policy's description and, below, what it found.

    `severity` is empty for a policy that has none.
    """

    policy: str
    level: Level
    urn: str
    message: str
    severity: str = ""


def policies_text(label: str, violations: Sequence[Violation]) -> str:
    """The section Policies, as the CLI prints it; `label` names the pack."""
    ordered = sorted(violations, key=lambda violation: (violation.level == "advisory", violation.policy, violation.urn))
    sign = "✅" if not ordered else "❌" if ordered[0].level == "mandatory" else "⚠️"
    lines = ["Policies:", f"    {sign} {label}"]
    for violation in ordered:
        severity = f" [severity: {violation.severity}]" if violation.severity else ""
        lines.append(f"        - [{violation.level}]{severity}  {violation.policy}  ({_resource(violation.urn)})")
        lines += [f"          {line}" for line in violation.message.splitlines()]
    return "\n".join(lines)


def _resource(urn: str) -> str:
    """``kong:index:Plugin: name``."""
    type_, name = urn.split("::")[2].rpartition("$")[2], urn.split("::", 3)[3]
    package, module, kind = type_.split(":", 2)
    return f"{package}:{module.partition('/')[0]}:{kind}: {name}"
