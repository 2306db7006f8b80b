"""The advice as a piece of Pulumi.<stack>.yaml.

Usage::

    block = stack_block(plans, entries={"digits": {"name": "digits", "version": "1", "endpoint": "http://..."}})
    print(block.text)               # config: inference-edge:models: ...
    block.dictionary_bytes          # of the nginx dictionary that holds the answers of all of them
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from ops.names import StackNames
from ops.needs import needs_of
from ops.plan.advice import ModelPlan
from ops.plan.curves import MIB
from ops.plan.units import duration, percent
from ops.status.wording import shown
from settings import SettingsError, parse_settings

_MODELS = "inference-edge:models"


@dataclass(frozen=True)
class StackBlock:
    """`dictionary_bytes`: 0 where nothing is kept in one."""

    text: str
    dictionary_bytes: int


def stack_block(
    plans: Sequence[ModelPlan], entries: Mapping[str, Mapping[str, Any]], costs: Mapping[str, Mapping[str, Any]]
) -> StackBlock:
    """`entries`: models as the stack's file has them, by name; the advice goes into their cache and leaves the rest.

    A model that is not there gets a version and an endpoint to be replaced. costs: what to write as its cost.
    """
    lines = ["config:"]
    made = [_entry(plan, entries.get(plan.model), costs.get(plan.model)) for plan in plans]
    needed, problems = _needs(made)
    kept = sum(plan.advice.memory_bytes for plan in plans if plan.store != "redis")
    dictionary = max(kept, needed) if kept else 0
    if dictionary:
        size = f"prediction_cache {-(-dictionary // MIB)}m"
        lines.append(f'  # every Kong node: KONG_NGINX_HTTP_LUA_SHARED_DICT="{size}", for the models below')
    lines += [f"  # to be corrected: {shown(line)}" for problem in problems for line in str(problem).splitlines()]
    lines.append(f"  {_MODELS}:")
    for plan, entry in zip(plans, made, strict=True):
        lines.append(f"    # {_comment(plan)}")
        if plan.model not in entries:
            lines.append("    # version and endpoint: yours")
        text = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=100)
        lines.append(textwrap.indent(text.rstrip("\n"), "    "))
    return StackBlock("\n".join(lines) + "\n", dictionary)


def _entry(plan: ModelPlan, entry: Mapping[str, Any] | None, cost: Mapping[str, Any] | None) -> dict[str, Any]:
    known = entry or {"name": plan.model, "version": "1", "endpoint": "http://model.example.com:8080/invocations"}
    made = {**known, "cache": _cache(plan, known.get("cache") or {})}
    return {**made, "cost": dict(cost)} if cost else made


def _cache(plan: ModelPlan, present: Mapping[str, Any]) -> dict[str, Any]:
    advice = plan.advice
    if advice.ttl_seconds is None:
        return {**present, "enabled": False}
    cache = {name: value for name, value in present.items() if name != "enabled"} | {"ttlSeconds": advice.ttl_seconds}
    if advice.exclude_field:
        cache["excludeFields"] = [*present.get("excludeFields", ()), advice.exclude_field]
    return cache


def _comment(plan: ModelPlan) -> str:
    advice = plan.advice
    if advice.ttl_seconds is None:
        return f"{shown(plan.model)}: no cache, see the plan"
    where = " of the shared cache" if plan.store == "redis" else ""
    memory = f"{advice.memory_bytes // MIB} MiB{where}"
    return f"{percent(advice.hit_ratio)} hits expected with {duration(advice.ttl_seconds)} and {memory}"


def _needs(entries: Sequence[Mapping[str, Any]]) -> tuple[int, Sequence[object]]:
    """How large `make check` wants the dictionary, and what of a model's name the stack would not take."""
    document: dict[str, Any] = {"models": [_alone(entry) for entry in entries]}
    try:
        settings = parse_settings(document)
    except SettingsError as error:
        return 0, error.errors
    return needs_of(settings, StackNames("inference-edge", "plan")).dictionary_bytes, ()


def _alone(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Without what refers to other parts of the stack."""
    cache = {name: value for name, value in entry["cache"].items() if name != "store"}
    return {"name": entry["name"], "version": "1", "endpoint": "http://model.example.com/", "cache": cache}
