"""``python -m ops check|status|plan|warm|purge``: each command has ``--help`` with examples.

The exit code is 0 when all is well, 2 when something is asked for that there is not, 130 after Ctrl-C, else 1.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from local.engine.errors import EngineError
from ops import purge_command
from ops.cache_server import CacheServer
from ops.check import check
from ops.deployed_route import DeployedRoute
from ops.findings import Finding, Report, print_report, report_json
from ops.names import StackNames
from ops.needs import needs_of
from ops.plan import command as plan_command
from ops.stack_config import StackConfig, StackConfigError
from ops.status import command as status_command
from ops.warm import command as warm_command
from settings import SettingsError

CHECK_EPILOG = """\
examples:
  make check STACK=prod                                                what stands in the way of a deployment
  python -m ops check --stack prod --admin-uri http://kong-1.internal:8001
  python -m ops check --stack prod --json | jq '.findings[] | {check, message, fix}'

exit code: 0 the gateway is ready, perhaps with warnings; 1 it is not; 2 the command line or the stack's files are
wrong; 130 interrupted by Ctrl-C
"""
_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED


def _run_check(options: argparse.Namespace) -> int:
    try:
        report = _check(options)
    except (StackConfigError, SettingsError) as error:
        if options.json:
            print(report_json(Report(options.stack, "", "", (Finding("config", str(error)),))))
        else:
            print(error, file=sys.stderr)
        return 2
    if options.json:
        print(report_json(report))
    else:
        print_report(report, Console(soft_wrap=True))
    return 0 if report.ok else 1


def _check(options: argparse.Namespace) -> Report:
    config = StackConfig.load(options.project_dir, options.stack)
    report = check(
        needs_of(config.settings, StackNames(config.project, config.stack)),
        stack=config.stack,
        admin_uri=options.admin_uri or config.admin_uri,
        token=config.admin_token,
        tls_verify=config.tls_verify,
        uri_option="--admin-uri" if options.admin_uri else "",
        known=config.known_entities(options.state_dir),
        cache=_cache_server(config, options),
    )
    return replace(report, findings=(*map(_plain_secret, config.plain_secrets), *report.findings))


def _cache_server(config: StackConfig, options: argparse.Namespace) -> CacheServer | None:
    """The shared cache: as the stack file says, or as it was made by the last deployment."""
    if config.cache_server is not None:
        return config.cache_server
    users = [model.name for model in config.settings.models if model.cache.store == "redis"]
    if not users:
        return None
    try:
        route = DeployedRoute.find(options.project_dir, options.state_dir, config.stack, users[0])
    except EngineError as error:
        raise StackConfigError(str(error)) from error
    return route.server if route else None


def _plain_secret(path: str) -> Finding:
    fix = f"take a new one and run: pulumi config set --secret --path '{path}'"
    return Finding("secret", f"{path} stands in the stack file in plain text", fix)


def parser() -> argparse.ArgumentParser:
    """All commands; docs/ops.md is made from it."""
    made = argparse.ArgumentParser(prog="python -m ops", description="Run a stack.")
    commands = made.add_subparsers(required=True, metavar="command")
    command = commands.add_parser(
        "check",
        help="is this Kong ready for this stack?",
        epilog=CHECK_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=_run_check)
    _add_stack(command)
    command.add_argument("--admin-uri", help="Kong's Admin API; by default the stack's kong:kongAdminUri")
    command.add_argument("--json", action="store_true", help="print the findings as JSON")
    command = commands.add_parser("purge", help="never give a model's present answers again: new generation, then up")
    command.set_defaults(run=purge_command.run)
    _add_stack(command)
    purge_command.add_options(command)
    command = commands.add_parser("status", help="what each model's cache does, saves and gets wrong")
    command.set_defaults(run=status_command.run)
    _add_stack(command)
    status_command.add_options(command)
    command = commands.add_parser("plan", help="what a cache would have saved, from a log of requests")
    command.set_defaults(run=plan_command.run)
    _add_stack(command, required=False)
    plan_command.add_options(command)
    command = commands.add_parser("warm", help="ask the most valuable questions, so that their answers are cached")
    command.set_defaults(run=warm_command.run)
    _add_stack(command)
    warm_command.add_options(command)
    return made


def _add_stack(command: argparse.ArgumentParser, *, required: bool = True) -> None:
    command.add_argument("--stack", required=required, help="the stack whose Pulumi.<stack>.yaml is read")
    command.add_argument("--project-dir", type=Path, default=Path("."), help="the folder of Pulumi.yaml")
    command.add_argument("--state-dir", type=Path, default=Path(".state"), help="the embedded engine's state")


if __name__ == "__main__":
    sys.exit(main())
