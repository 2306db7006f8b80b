"""What to say of a stack that has no config file."""

from __future__ import annotations

from pathlib import Path


def missing_stack(project_dir: Path, stack: str) -> str:
    """Name the file that is missing, and the stacks that have one."""
    others = sorted(path.name.split(".")[1] for path in project_dir.glob("Pulumi.*.yaml"))
    hint = f"; stacks with a file are {', '.join(others)}" if others else ""
    return f"no stack named {stack!r}: there is no {project_dir / f'Pulumi.{stack}.yaml'}{hint}"
