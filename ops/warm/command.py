"""``python -m ops warm``: asks the most valuable questions after a rollout, so that their answers are cached.

Who may run it can waste model calls, but cannot put a wrong answer into the cache: the gateway asks the model itself.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from rich.console import Console
from rich.markup import escape

from ops.interrupts import interruptible
from ops.plan.log_error import LogError
from ops.stack_config import StackConfig, StackConfigError
from ops.status.wording import shown
from ops.warm.bar import ProgressBar
from ops.warm.job import Job, path_of_progress
from ops.warm.lock import BusyError, alone
from ops.warm.report import advice, by_kind, reasons, sentence
from ops.warm.target import Target, TargetError, target_of
from ops.warm.warming import INTERRUPTED, USELESS, Stopped
from settings import ModelSettings, SettingsError

KEY_VARIABLE = "INFERENCE_EDGE_KEY"
_MOST_AT_ONCE = 1_000
EPILOG = """\
FROM is a log or a file of bodies. A log (JSON lines, or Parquet with the same columns) has an object a request: time,
model, body (text as sent, or JSON), and perhaps caller and latency_ms; records with a digest instead of a body, of
other models, and those that have bypassed the cache are left out. JSON lines are a log when the first object has model
and one of time, body and digest; else each line is the body of one question.

A question is worth how often it was asked, times how long its answer took; the latest go first among equals. Answers
are not shared between callers: with a key, only its owner's questions are worth asking, and --caller names them in
the log. Stores proxy-cache and memory keep answers on each Kong node: warm one node after another, by --url. Answers
are given only to callers that send the same headers: --header says what yours send other than "Accept: */*". A
shareable model is asked by GET at its edge, which --url names.

Where a run stops, the next one goes on (<state-dir>/warm/), unless the file, the version, the generation, the cache's
settings or the target are others, or ttlSeconds are over. --restart begins anew.

examples:
  INFERENCE_EDGE_KEY=... make warm STACK=dev MODEL=digits FROM=requests.jsonl
  python -m ops warm --stack prod --model digits --caller web --key-env WEB_KEY --top 5000 --rate 50 requests.parquet
  python -m ops warm --stack prod --model digits --url http://kong-1.internal:8000 --json questions.jsonl

exit code: 0 all are asked, and answers are cached; 1 not all of them, or no answer is kept; 2 the command line, the
stack or the file is wrong; 130 interrupted by Ctrl-C
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """What `warm` takes beside the stack."""
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = EPILOG
    command.add_argument("--model", required=True, help="the model's name")
    command.add_argument("--url", type=_url, help="where to ask; by default the stack's gatewayUrl")
    command.add_argument(
        "--key-env",
        metavar="NAME",
        type=_variable,
        default=KEY_VARIABLE,
        help="the environment variable that holds the caller's key; default %(default)s",
    )
    command.add_argument("--caller", metavar="NAME", help="only the questions of this caller of the log")
    command.add_argument(
        "--header", metavar="'NAME: VALUE'", action="append", default=[], help="send this, too; may be repeated"
    )
    command.add_argument("--top", metavar="N", type=_count, help="only the N most valuable questions")
    command.add_argument(
        "--rate", metavar="PER_SECOND", type=_rate, default=10.0, help="questions a second; default %(default)g"
    )
    command.add_argument(
        "--concurrency", metavar="N", type=_concurrency, default=2, help="at once; default %(default)d"
    )
    command.add_argument("--restart", action="store_true", help="do not go on where the last run stopped")
    command.add_argument("--json", action="store_true", help="print what was done as JSON")
    command.add_argument("file", metavar="FROM", type=Path, help="a log or a file of bodies")


def run(options: argparse.Namespace) -> int:
    """Run it; gives the exit code."""
    try:
        config = StackConfig.load(options.project_dir, options.stack)
        model = _model(config, options.model)
        target = target_of(config.settings, model, options.url, options.key_env, os.environ, options.header)
        progress_path = path_of_progress(config, model, options.state_dir)
        with interruptible(), alone(progress_path):
            return _run(config, model, target, progress_path, options)
    except (StackConfigError, SettingsError, TargetError, LogError) as error:
        return _failed(f"nothing was asked: {error}", 2)
    except (BusyError, OSError) as error:
        return _failed(f"nothing was asked: {error}")


def _run(
    config: StackConfig, model: ModelSettings, target: Target, progress_path: Path, options: argparse.Namespace
) -> int:
    screen = Console(stderr=True, highlight=False, soft_wrap=True)
    with screen.status(f"reading {escape(shown(options.file.name))} …"):
        job = _job(config, model, target, progress_path, options)
    _announce(job, options)
    started = time.monotonic()
    with ProgressBar(job.model.name, total=job.total, done=job.done, console=screen) as bar:
        stopped = job.run(options.rate, options.concurrency, lambda: bar.show(job.done), _interrupting)
    if stopped is None or stopped.cause == USELESS:
        job.file.remove()
    return _tell(job, stopped, options, time.monotonic() - started)


def _job(
    config: StackConfig, model: ModelSettings, target: Target, progress_path: Path, options: argparse.Namespace
) -> Job:
    job = Job.prepare(
        config,
        model,
        target,
        options.file,
        caller=options.caller,
        top=options.top,
        progress_path=progress_path,
        restart=options.restart,
    )
    if not job.total:
        why = reasons(job.questions.skipped)
        raise LogError(f"{options.file} has no question for {model.name}{f'; left out: {why}' if why else ''}")
    return job


def _model(config: StackConfig, name: str) -> ModelSettings:
    models = {model.name: model for model in config.settings.models}
    if name not in models:
        raise TargetError(f"stack {config.stack} has no model {name}; it has: {', '.join(models)}")
    if not models[name].cache.enabled:
        raise TargetError(f"the cache of {name} is off (cache.enabled)")
    return models[name]


def _announce(job: Job, options: argparse.Namespace) -> None:
    if job.anew:
        _say(f"this run begins anew: {job.anew}")
    if job.done:
        _say(f"goes on after {job.done:,} of {job.total:,} questions")
    seconds, ttl_seconds = (job.total - job.done) / options.rate, job.model.cache.ttl_seconds
    if seconds > ttl_seconds:
        top = max(1, int(ttl_seconds * options.rate))
        _say(
            f"warning: at {options.rate:g} a second this takes {seconds:,.0f} s, and answers expire after "
            f"{ttl_seconds:,} s (ttlSeconds): --top {top} has them all cached at once"
        )


def _tell(job: Job, stopped: Stopped | None, options: argparse.Namespace, seconds: float) -> int:
    is_cached = any(count and kind in ("hit", "stored") for (kind, _), count in job.counts.items())
    has_failed = any(count and kind == "failed" for (kind, _), count in job.counts.items())
    why = ""
    if stopped is not None:
        if stopped.cause == USELESS:
            stopped = Stopped(USELESS, sentence(job.counts))
        why = advice(stopped, job.model.name, job.target, options.key_env)
    elif not is_cached:
        why = "no answer is kept: warming this model is of no use"
    if options.json:
        print(json.dumps(_report(job, stopped, why, seconds), indent=2))
    else:
        print(f"{job.model.name}: {job.done:,} of {job.total:,} questions asked: {sentence(job.counts)}")
        if job.questions.skipped:
            print(f"left out: {reasons(job.questions.skipped)}")
    if why:
        _say(why)
    if stopped is not None and stopped.cause == INTERRUPTED:
        return 130
    return 1 if why or has_failed else 0


def _report(job: Job, stopped: Stopped | None, why: str, seconds: float) -> dict[str, Any]:
    return {
        "stack": job.config.stack,
        "model": job.model.name,
        "version": job.version,
        "generation": job.model.cache.generation,
        "url": job.target.url,
        "requests": job.questions.requests,
        "left_out": dict(job.questions.skipped),
        "questions": job.total,
        "asked": job.done,
        "asked_before": job.resumed_at,
        "outcomes": by_kind(job.counts),
        "seconds": round(seconds, 3),
        "stopped": stopped.cause if stopped else None,
        "advice": why or None,
    }


def _interrupting() -> None:
    _say("waiting for the answers that are under way; Ctrl-C again gives them up")


def _url(text: str) -> str:
    try:
        parts, _ = urlsplit(text), httpx.URL(text)
        is_right = text.isprintable() and parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except (ValueError, httpx.InvalidURL):
        is_right = False
    if not is_right or "@" in text or "?" in text or "#" in text:
        raise argparse.ArgumentTypeError("it must be like https://kong-1.internal:8443, without user, query and #")
    return text


def _variable(text: str) -> str:
    if not (text.isascii() and text.isidentifier()):
        raise argparse.ArgumentTypeError("it takes the name of a variable that holds the key, and not the key")
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is no whole number above 0")
    return int(text)


def _concurrency(text: str) -> int:
    count = _count(text)
    if count > _MOST_AT_ONCE:
        raise argparse.ArgumentTypeError(f"{text} is too many at once (at most {_MOST_AT_ONCE})")
    return count


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0
    if not 0 < rate <= 10_000:
        raise argparse.ArgumentTypeError(f"{text} is no number of questions a second (above 0, at most 10000)")
    return rate


def _say(text: str) -> None:
    plain = "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)
    print(plain, file=sys.stderr)


def _failed(message: str, code: int = 1) -> int:
    _say(message)
    return code
