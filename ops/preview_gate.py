"""``python -m ops.preview_gate --stack prod``: what a change would do to a stack, without an account."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from rich.console import Console

from local import PROJECT_DIR
from local.deploy import STATE_DIR, engine_name
from local.engine import EmbeddedEngine, EngineError
from local.engine.errors import Interrupted
from local.engine.rendering import Rendering
from local.missing_stack import missing_stack
from local.policies import policies_of
from ops.deployed_before import NotThereError, default_base, deployed_before
from ops.stateful import STATEFUL, PlannedStep, losses, steps_of_plan

EPILOG = """\
examples:
  make preview STACK=prod CI=1                               after lint, types and tests; compared with origin/main
  make preview STACK=prod CI=1 ALLOW="edge-batch-consumer"   this one may go
  python -m ops.preview_gate --stack prod --plan plan.json   judges a plan of `pulumi preview --save-plan`
  python -m ops.preview_gate --stack prod --json | jq '.losses[] | {op, type, name, lost}'

exit code: 0 nothing that holds state is lost, but what is allowed; 1 it would be, or the program or a policy fails;
2 the command line is wrong, or the stack, the version or the plan that it names; 130 interrupted by Ctrl-C
"""
_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Preview, or read a plan, and judge; gives the exit code."""
    options = parser().parse_args(arguments)
    try:
        with contextlib.redirect_stdout(sys.stderr) if options.json else contextlib.nullcontext():
            steps = _steps_of(options.plan) if options.plan else _preview(options)
            code = judge(steps, options.allow.split(), options.stack)
    except (KeyboardInterrupt, Interrupted):
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED
    except EngineError as error:
        print(f"preview of stack {options.stack} failed: {error}", file=sys.stderr)
        if options.json:
            print(json.dumps({"stack": options.stack, "ok": False, "losses": [], "error": str(error)}, indent=2))
        return 2 if isinstance(error, NotThereError) else 1
    if options.json:
        print(_report(steps, options))
    return code


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


def _report(steps: Iterable[PlannedStep], options: argparse.Namespace) -> str:
    found = losses(steps, options.allow.split())
    lost = [{"op": step.op, "type": step.type, "name": step.name, "lost": STATEFUL[step.type]} for step in found]
    return json.dumps({"stack": options.stack, "ok": not lost, "losses": lost, "error": None}, indent=2)


def _steps_of(plan: Path) -> list[PlannedStep]:
    try:
        return steps_of_plan(plan)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotThereError(f"{plan} is not a plan of `pulumi preview --save-plan`: {error}") from error


def _preview(options: argparse.Namespace) -> list[PlannedStep]:
    """By the embedded engine: against the stack that it deployed here, or else against what `base` would deploy."""
    if not (PROJECT_DIR / f"Pulumi.{options.stack}.yaml").is_file():
        raise NotThereError(missing_stack(PROJECT_DIR, options.stack))
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


def parser() -> argparse.ArgumentParser:
    """The command line; docs/ops.md is made from it."""
    parser = argparse.ArgumentParser(
        prog="python -m ops.preview_gate",
        description="What a change would do to a stack, without an account.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stack", required=True, help="the stack whose Pulumi.<stack>.yaml is read")
    parser.add_argument(
        "--base", default="", help="the git version to compare with (default origin/main, main or HEAD)"
    )
    parser.add_argument("--plan", type=Path, help="judge this plan of `pulumi preview --save-plan` instead")
    parser.add_argument("--allow", default="", help="names of stateful resources that may be replaced or deleted")
    parser.add_argument("--json", action="store_true", help="print what would be lost as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
