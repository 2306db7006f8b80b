"""``python -m ops.preview_gate --stack prod``: what a change would do to a stack, without an account.

Exit code 1 when the program or a policy fails, and when a stateful resource would be replaced or deleted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from rich.console import Console

from local import PROJECT_DIR
from local.deploy import STATE_DIR, engine_name
from local.engine import EmbeddedEngine, EngineError
from local.engine.rendering import Rendering
from local.policies import policies_of
from ops.deployed_before import default_base, deployed_before
from ops.stateful import STATEFUL, PlannedStep, losses, steps_of_plan


def main(arguments: list[str] | None = None) -> int:
    """Preview, or read a plan, and judge; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        steps = _steps_of(options.plan) if options.plan else _preview(options)
    except EngineError as error:
        print(f"preview of stack {options.stack} failed: {error}", file=sys.stderr)
        return 1
    return judge(steps, options.allow.split(), options.stack)


def judge(steps: Iterable[PlannedStep], allowed: Collection[str], stack: str) -> int:
    """Print what would be lost; 1 if anything would."""
    found = losses(steps, allowed)
    if not found:
        print(f"stack {stack}: no stateful resource is replaced or deleted")
        return 0
    lines = "\n".join(f"  {step.op} {step.type} {step.name}: {STATEFUL[step.type]}" for step in found)
    print(
        f"stack {stack}: these stateful resources would be replaced or deleted:\n{lines}\n"
        "If one only has another name or parent now, give it an alias: aliases=[pulumi.Alias(name=...)].\n"
        f'If it is meant, allow it by name: ALLOW="{" ".join(step.name for step in found)}"',
        file=sys.stderr,
    )
    return 1


def _steps_of(plan: Path) -> list[PlannedStep]:
    try:
        return steps_of_plan(plan)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{plan} is not a plan of `pulumi preview --save-plan`: {error}") from error


def _preview(options: argparse.Namespace) -> list[PlannedStep]:
    """By the embedded engine: against the stack that it deployed here, or else against what `base` would deploy."""
    deployed = any(STATE_DIR.glob(f"*/{options.stack}.json")) and engine_name(options.stack, STATE_DIR) == "embedded"
    if deployed and not options.base:
        print(f"preview of stack {options.stack} against what is deployed here")
        return _preview_against(STATE_DIR, options.stack)
    base = options.base or default_base(PROJECT_DIR)
    with deployed_before(PROJECT_DIR, options.stack, base) as state_dir:
        print(f"preview of stack {options.stack} against what {base} deploys")
        return _preview_against(state_dir, options.stack)


def _preview_against(state_dir: Path, stack: str) -> list[PlannedStep]:
    policies = policies_of(PROJECT_DIR, stack)
    engine = EmbeddedEngine(
        PROJECT_DIR,
        stack,
        state_dir,
        policy_pack=policies.policy_pack,
        policy_pack_config=policies.policy_pack_config,
    )
    result = engine.preview()
    rendering = Rendering(Console(highlight=False))
    rendering.changes(result)
    rendering.summary(result, planned=True)
    return [PlannedStep(step.op, step.urn) for step in result.steps]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.preview_gate", description=__doc__)
    parser.add_argument("--stack", required=True, help="the stack whose Pulumi.<stack>.yaml is read")
    parser.add_argument(
        "--base", default="", help="the git version to compare with (default origin/main, main or HEAD)"
    )
    parser.add_argument("--plan", type=Path, help="judge this plan of `pulumi preview --save-plan` instead")
    parser.add_argument("--allow", default="", help="names of stateful resources that may be replaced or deleted")
    return parser


if __name__ == "__main__":
    sys.exit(main())
