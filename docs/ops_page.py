"""The page about the commands for running a stack, from their own command lines."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from docs.markdown import REQUIRED, code, row
from ops.__main__ import parser
from ops.preview_gate import parser as preview_gate_parser

_HEAD = """# Running a stack

{generated}

```sh
make check STACK=prod                                  # before a deployment: is the gateway fit for it?
make status STACK=prod                                 # what the caches do, save and get wrong
make plan LOG=requests.jsonl                           # what a cache would have saved
make warm STACK=prod MODEL=digits FROM=requests.jsonl  # after a rollout: ask before the callers do
make purge STACK=prod MODEL=digits                     # never give the present answers again
make preview STACK=prod CI=1                           # what a change would do, and what would be lost
```

Each is a command with more options. What they have in common:

- `--help` shows what stands here. `--json` prints one JSON object and nothing else on the standard output.
- Findings go to the standard output, errors and progress to the standard error.
- The exit code is 0 when it is done, 1 when it is not or not all of it, 2 when the command line or what it names is
  wrong, 130 after Ctrl-C. Each command says what that means for it.
- No secret is ever shown. Keys and tokens come from the stack file (encrypted) or from the environment.
"""
_TABLE = "| option | default | what it does |\n| --- | --- | --- |"


def ops_page(generated: str) -> str:
    """The page; `generated` is the remark that it is generated."""
    return "\n".join(_lines(generated))


def _lines(generated: str) -> Iterator[str]:
    yield _HEAD.format(generated=generated)
    for action in parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            summaries = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, command in action.choices.items():
                yield from _section(name, summaries[name], command)
    gate = preview_gate_parser()
    yield from _section("preview_gate", gate.description or "", gate)


def _section(name: str, summary: str, command: argparse.ArgumentParser) -> Iterator[str]:
    yield f"## {name}\n\n{summary[0].upper()}{summary[1:].rstrip('.')}{'' if summary.endswith('?') else '.'}\n"
    yield f"`{_usage(command)}`\n\n{_TABLE}"
    for action in command._actions:
        if not isinstance(action, argparse._HelpAction):
            yield row(f"`{_written(action)}`", _default(action), _meaning(action, command))
    yield f"\n```text\n{(command.epilog or '').strip()}\n```\n"


def _usage(command: argparse.ArgumentParser) -> str:
    needed = [_written(action) for action in command._actions if action.required]
    return " ".join([command.prog, *needed, "..."])


def _written(action: argparse.Action) -> str:
    """As on the command line: --stack STACK."""
    shown = action.metavar or action.dest.upper()
    value = "" if action.nargs == 0 else str(shown)
    return f"{action.option_strings[-1]} {value}".strip() if action.option_strings else value


def _default(action: argparse.Action) -> str:
    if action.required:
        return REQUIRED
    is_told = action.nargs != 0 and action.default not in (None, "", [])
    return code(action.default if isinstance(action.default, int | float) else str(action.default)) if is_told else ""


def _meaning(action: argparse.Action, command: argparse.ArgumentParser) -> str:
    """The help without the default, which has its own column."""
    text = command._get_formatter()._expand_help(action)
    return text.partition("; default ")[0]
