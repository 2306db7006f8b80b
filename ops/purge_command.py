"""``python -m ops purge``: of a model, of its older generations, or of one question."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path

from rich.console import Console

from local.engine.errors import EngineError, Interrupted
from ops.edges import EdgeError
from ops.generation import GenerationError
from ops.option_types import seconds_above_0
from ops.purge import NotFreedError, Purge
from ops.purge_question import NotPossibleError, NotRemovedError, QuestionPurge
from ops.stack_config import StackConfig, StackConfigError
from settings import SettingsError

LIMIT_SECONDS = 60.0
EPILOG = """\
examples:
  make purge STACK=dev MODEL=digits                       no present answer is given again
  make purge STACK=dev MODEL=digits INPUT=question.json   the answers to one question (store redis; INPUT=- is stdin)
  make purge STACK=dev MODEL=digits OLD=1                 only free what older generations left in the shared cache
  python -m ops purge --stack dev --model digits --json   {"done": true, "generation": {"before": 1, "after": 2}, ...}

exit code: 0 done; 1 not done, or not all of it; 2 not possible with this command line, stack file or store;
130 interrupted by Ctrl-C
"""
_INTERRUPTED = 130
_FREES = ("the shared cache ", "the edge")


def add_options(command: argparse.ArgumentParser) -> None:
    """What `purge` takes beside the stack."""
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = EPILOG
    command.add_argument("--model", required=True, help="the model's name")
    what = command.add_mutually_exclusive_group()
    what.add_argument("--input", help="a file with a request's body, or -: only the answers to this question")
    what.add_argument("--old", action="store_true", help="only free what older generations left in the shared cache")
    command.add_argument(
        "--limit-seconds",
        type=seconds_above_0,
        default=LIMIT_SECONDS,
        help="how long the shared cache is looked through; default %(default)g",
    )
    command.add_argument("--json", action="store_true", help="print what was done as JSON; all else goes to stderr")


def run(options: argparse.Namespace) -> int:
    """Run it; gives the exit code."""
    if not options.json:
        return _run(options, Console(highlight=False, soft_wrap=True))
    before = _generation(options)
    with contextlib.redirect_stdout(sys.stderr):  # the engine prints, too
        console = Console(highlight=False, soft_wrap=True, record=True, force_terminal=False)
        code = _run(options, console)
    told = console.export_text().splitlines()
    report = {
        "stack": options.stack,
        "model": options.model,
        "what": "question" if options.input is not None else "old" if options.old else "model",
        "done": code == 0,
        "generation": {"before": before, "after": _generation(options)},
        "freed": [line for line in told if line.startswith(_FREES)],
    }
    print(json.dumps(report, indent=2))
    return code


def _generation(options: argparse.Namespace) -> int | None:
    """Of the stack file; None when it has no such model or cannot be read."""
    try:
        models = StackConfig.load(options.project_dir, options.stack).settings.models
    except (StackConfigError, SettingsError):
        return None
    return next((model.cache.generation for model in models if model.name == options.model), None)


def _run(options: argparse.Namespace, console: Console) -> int:
    try:
        config = StackConfig.load(options.project_dir, options.stack)
    except (StackConfigError, SettingsError) as error:
        return _failed(f"nothing was changed: {error}", 2)
    paths = {model.name: model.route.path for model in config.settings.models}
    if options.model not in paths:
        known = f"{config.project}:models has no model {options.model}; it has {', '.join(paths)}"
        return _failed(f"nothing was changed: Pulumi.{options.stack}.yaml: {known}", 2)
    path = paths[options.model]
    where = (options.project_dir, options.state_dir, options.stack, options.model, options.limit_seconds)
    if options.input is not None:
        return _purge_question(QuestionPurge(*where), options.input, path, config, console)
    return _purge(Purge(*where), options, path, config, console)


def _purge(purge: Purge, options: argparse.Namespace, path: str, config: StackConfig, console: Console) -> int:
    before = _generation(options)
    try:
        if options.old:
            purge.free(console)
        else:
            purge.run(config.project, path, config.edge, console)
    except GenerationError as error:
        return _failed(f"nothing was changed: {error}")
    except (KeyboardInterrupt, Interrupted):
        if _generation(options) == before:
            raise KeyboardInterrupt from None
        ahead = f"Pulumi.{options.stack}.yaml has the new generation, perhaps not deployed"
        return _failed(f"interrupted: {ahead}; run: make up STACK={options.stack}", _INTERRUPTED)
    except EngineError as error:
        if options.old:
            return _failed(f"nothing was changed: {error}")
        return _failed(
            f"Pulumi.{options.stack}.yaml has the new generation, but it is not deployed: {error}\n"
            f"Correct this and run: make up STACK={options.stack}"
        )
    except NotFreedError as error:
        return _failed(str(error))
    return 0


def _purge_question(purge: QuestionPurge, source: str, path: str, config: StackConfig, console: Console) -> int:
    try:
        body = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        return _failed(f"nothing was removed: {source} cannot be read: {error.strerror}", 2)
    try:
        purge.run(body, path, config.edge, console)
    except NotPossibleError as error:
        return _failed(f"nothing was removed: {error}", 2)
    except (EngineError, NotRemovedError) as error:
        return _failed(f"not removed: {error}")
    except EdgeError as error:
        return _failed(f"the gateway's answers are removed, the edge's are kept until they expire: {error}")
    return 0


def _failed(message: str, code: int = 1) -> int:
    print(message, file=sys.stderr)
    return code
