"""``python -m ops check --stack dev [--admin-uri URL] [--json]``, ``python -m ops purge --stack dev --model digits``.

The exit code is 0 when all is well, else 1.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from local.engine.errors import EngineError
from ops.check import check
from ops.edges import EdgeError
from ops.findings import Finding, Report, print_report, report_json
from ops.generation import GenerationError
from ops.names import StackNames
from ops.needs import needs_of
from ops.purge import Purge
from ops.stack_config import StackConfig, StackConfigError
from settings import SettingsError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    options = _parser().parse_args(arguments)
    return options.run(options)


def _run_check(options: argparse.Namespace) -> int:
    try:
        report = _check(options)
    except (StackConfigError, SettingsError) as error:
        if not options.json:
            print(error, file=sys.stderr)
            return 1
        report = Report(options.stack, "", "", (Finding("config", str(error)),))
    if options.json:
        print(report_json(report))
    else:
        print_report(report, Console(soft_wrap=True))
    return 0 if report.ok else 1


def _run_purge(options: argparse.Namespace) -> int:
    try:
        config = StackConfig.load(options.project_dir, options.stack)
        purge = Purge(options.project_dir, options.state_dir, options.stack, options.model)
        paths = {model.name: model.route.path for model in config.settings.models}
        console = Console(highlight=False, soft_wrap=True)
        purge.run(config.project, paths.get(options.model, ""), config.edge, console)
    except (StackConfigError, SettingsError, GenerationError) as error:
        return _failed(f"nothing was changed: {error}")
    except EngineError as error:
        return _failed(
            f"Pulumi.{options.stack}.yaml has the new generation, but it is not deployed: {error}\n"
            f"Correct this and run: make up STACK={options.stack}"
        )
    except EdgeError as error:
        return _failed(
            "the model is purged: no old answer can be given any more. The edge keeps their objects until they expire, "
            f"because it did not take the invalidation: {error}"
        )
    return 0


def _failed(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


def _check(options: argparse.Namespace) -> Report:
    config = StackConfig.load(options.project_dir, options.stack)
    report = check(
        needs_of(config.settings, StackNames(config.project, config.stack)),
        stack=config.stack,
        admin_uri=options.admin_uri or config.admin_uri,
        token=config.admin_token,
        tls_verify=config.tls_verify,
        known_ids=config.known_ids(options.state_dir),
    )
    return replace(report, findings=(*map(_plain_secret, config.plain_secrets), *report.findings))


def _plain_secret(path: str) -> Finding:
    fix = f"take a new one and run: pulumi config set --secret --path '{path}'"
    return Finding("secret", f"{path} stands in the stack file in plain text", fix)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops", description="Run a stack.")
    commands = parser.add_subparsers(required=True, metavar="command")
    command = commands.add_parser("check", help="is this Kong ready for this stack?")
    command.set_defaults(run=_run_check)
    _add_stack(command)
    command.add_argument("--admin-uri", help="Kong's Admin API; by default the stack's kong:kongAdminUri")
    command.add_argument("--json", action="store_true", help="print the findings as JSON")
    command = commands.add_parser("purge", help="never give a model's present answers again: new generation, then up")
    command.set_defaults(run=_run_purge)
    _add_stack(command)
    command.add_argument("--model", required=True, help="the model's name")
    return parser


def _add_stack(command: argparse.ArgumentParser) -> None:
    command.add_argument("--stack", required=True, help="the stack whose Pulumi.<stack>.yaml is read")
    command.add_argument("--project-dir", type=Path, default=Path("."), help="the folder of Pulumi.yaml")
    command.add_argument("--state-dir", type=Path, default=Path(".state"), help="the embedded engine's state")


if __name__ == "__main__":
    sys.exit(main())
