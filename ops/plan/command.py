"""``python -m ops plan LOG``: what a cache would have saved, from a log of requests."""

from __future__ import annotations

import argparse
import datetime
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from local.engine.errors import EngineError
from local.engine.yaml_file import read_yaml
from ops.interrupts import interruptible
from ops.option_types import number_above_0
from ops.plan.advice import ModelPlan, Terms, plan_model
from ops.plan.cache_rules import CacheRules
from ops.plan.curves import MIB
from ops.plan.log_error import LogError
from ops.plan.page import page
from ops.plan.price import Price
from ops.plan.reading import read_traces
from ops.plan.report import print_report, report_json
from ops.plan.stack_block import stack_block
from ops.plan.traces import Traces
from ops.stack_config import StackConfig, StackConfigError
from settings import ModelSettings, SettingsError

EPILOG = """\
examples:
  python -m ops plan requests.jsonl                                 tables, and a block of stack config
  python -m ops plan requests.parquet --model digits --html plan.html
  python -m ops plan kong.log --stack prod --json                   with prod's fields, stores, TTLs and prices
  python -m ops plan requests.jsonl --price 0.0002 --currency USD --as-of 2026-11-01

LOG: JSON lines (may be compressed) or Parquet, a request each: time, model, body or digest. With the answers it is
checked that no TTL, and no field left out of the key, would have given a wrong one. Lines of Kong's log plugins are
read, too: docs/plan.md.

exit code: 0 done; 1 the page cannot be written, or there is no room for what is read; 2 the command line, the stack's
files or the log is wrong; 130 interrupted by Ctrl-C or SIGTERM
"""
_UNITS = {"KiB": 2**10, "MiB": MIB, "GiB": 2**30}


@dataclass(frozen=True)
class _Stack:
    """What the stack says: models by name, and their entries as the file has them."""

    models: Mapping[str, ModelSettings] = field(default_factory=dict)
    entries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def add_options(command: argparse.ArgumentParser) -> None:
    """What `plan` takes beside the stack."""
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = EPILOG
    command.add_argument("log", metavar="LOG", type=Path, help="JSON lines, Parquet, or the log of Kong's file-log")
    command.add_argument("--model", action="append", help="only this model; may be repeated")
    command.add_argument("--html", type=Path, metavar="FILE", help="write a page with the curves")
    command.add_argument("--json", action="store_true", help="print everything as JSON")
    command.add_argument(
        "--max-memory",
        type=memory_bytes,
        default=512 * MIB,
        metavar="SIZE",
        help="the most that a model's answers may take, such as 64MiB or 2GiB; default 512MiB",
    )
    command.add_argument("--price", type=number_above_0, help="of a call; by default the stack's model.cost")
    command.add_argument("--currency", default="USD", type=_currency, help="of --price; default %(default)s")
    command.add_argument("--as-of", type=_day, metavar="DAY", help="the day of --price, as 2026-11-01")


def run(options: argparse.Namespace) -> int:
    """Run it; gives the exit code."""
    with interruptible():
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    if options.html and options.html.exists() and options.html.resolve() == options.log.resolve():
        return _failed(f"--html {options.html} would overwrite the log: name another file", 2)
    try:
        stack = _stack(options.project_dir, options.stack) if options.stack else _Stack()
    except (StackConfigError, SettingsError, EngineError) as error:
        return _failed(str(error), 2)
    progress = Console(stderr=True)
    try:
        with progress.status(f"reading {options.log}") as status:
            traces = read_traces(
                options.log,
                rules={name: _rules(model) for name, model in stack.models.items()},
                progress=lambda step, done: status.update(f"{options.log}: {step}, {done:.0%}"),
            )
    except LogError as error:
        return _failed(str(error), 2)
    except OSError as error:
        return _failed(str(error), 1)
    logs = {log.model: log for log in traces.models}
    if not logs:
        return _failed(f"{options.log} has no request to a model", 2)
    unknown = [name for name in options.model or () if name not in logs]
    if unknown:
        return _failed(f"{options.log} has no model {', '.join(unknown)}; it has {', '.join(logs)}", 2)
    plans = []
    for name in options.model or logs:
        with progress.status(name) as status:
            terms = _terms(stack.models.get(name), options)
            plans.append(plan_model(logs[name], terms, lambda step, name=name: status.update(f"{name}: {step}")))
    return _tell(plans, traces, stack, options)


def _tell(plans: Sequence[ModelPlan], traces: Traces, stack: _Stack, options: argparse.Namespace) -> int:
    cost = _cost(options)
    block = stack_block(plans, stack.entries, {plan.model: cost for plan in plans} if cost else {})
    if options.html:
        try:
            options.html.write_text(page(options.log.name, plans, traces, block), encoding="utf-8")
        except OSError as error:
            return _failed(f"{options.html} cannot be written: {error.strerror}", 1)
    if options.json:
        print(report_json(str(options.log), plans, traces, block))
    else:
        print_report(plans, traces, block, Console(highlight=False))
        if options.html:
            print(f"{options.html} has the curves")
    return 0


def _stack(project_dir: Path, name: str) -> _Stack:
    config = StackConfig.load(project_dir, name)
    document = read_yaml(project_dir / f"Pulumi.{name}.yaml", if_missing="").get("config") or {}
    entries = document.get(f"{config.project}:models")
    plain = entries if isinstance(entries, list) else ()  # it may be encrypted as a whole
    return _Stack(
        {model.name: model for model in config.settings.models},
        {str(entry["name"]): entry for entry in plain if isinstance(entry, dict) and "name" in entry},
    )


def _rules(model: ModelSettings) -> CacheRules:
    cache = model.cache
    return CacheRules(cache.profile, cache.exclude_fields, cache.max_body_bytes)


def _terms(model: ModelSettings | None, options: argparse.Namespace) -> Terms:
    price = _price_of(model, options)
    if model is None:
        return Terms(price=price, max_memory_bytes=options.max_memory)
    return Terms(model.cache.store, model.cache.ttl_seconds, price, options.max_memory)


def _price_of(model: ModelSettings | None, options: argparse.Namespace) -> Price | None:
    if options.price is not None:
        return Price(options.currency, options.as_of, per_call=options.price)
    cost = model.cost if model else None
    if cost is None:
        return None
    if cost.per_instance_hour is not None:
        return Price.per_instance_hour(cost.per_instance_hour, cost.concurrency, cost.currency, cost.as_of)
    return Price(cost.currency, cost.as_of, per_call=cost.per_call)


def _cost(options: argparse.Namespace) -> dict[str, Any] | None:
    """What the stack takes as a model's cost, which wants a date."""
    if options.price is None or options.as_of is None:
        return None
    return {"perCall": options.price, "currency": options.currency, "asOf": options.as_of.isoformat()}


def memory_bytes(text: str) -> int:
    """64MiB or 2GiB as bytes. Raises ArgumentTypeError."""
    match = re.fullmatch(r"(\d{1,9}) ?(KiB|MiB|GiB)", text)
    size = int(match[1]) * _UNITS[match[2]] if match else 0
    if size < MIB:
        raise argparse.ArgumentTypeError(f"{text} is no size of at least 1MiB, such as 64MiB or 2GiB")
    return size


def _currency(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise argparse.ArgumentTypeError(f"{text} is no currency's code such as USD")
    return text


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day such as 2026-11-01") from None


def _failed(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code
