"""A log read line by line in plain Python, bodies by the key's Python twin: what `read_traces` must equal.

expected = plain_traces([{"time": 1.0, "model": "digits", "body": '{"x": 1}'}], CacheRules())
assert columns(read_traces(path)) == expected
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from components.prediction_key.twin import NotCacheable, canonical
from ops.plan.cache_rules import CacheRules
from ops.plan.traces import Traces
from tests.prediction_key.deployed_key import SETTINGS

Columns = dict[str, dict[str, Any]]


def columns(traces: Traces) -> Columns:
    """What was read, as lists and dicts."""
    return {
        log.model: {
            "times": log.trace.times.tolist(),
            "keys": log.trace.keys.tolist(),
            "durations": log.trace.durations.tolist(),
            "sizes": log.trace.sizes.tolist(),
            "answers": log.trace.answers.tolist(),
            "without": {name: _numbered(keys.tolist()) for name, keys in log.trace.alternatives.items()},
            "bypasses": dict(log.bypasses),
            "callers": log.callers,
            "fields": dict(log.fields),
        }
        for log in traces.models
    }


def plain_traces(records: Iterable[Mapping[str, Any]], rules: CacheRules) -> Columns:
    """The same of records whose bodies are text. Keys are numbered by kind of question, as they are first seen."""
    found: Columns = {}
    ordered = sorted(records, key=lambda record: _microseconds(record["time"]))
    for model in sorted({record["model"] for record in ordered}):
        mine = [record for record in ordered if record["model"] == model]
        questions = [_question(record, rules) for record in mine]
        keys = _keys(mine, questions)
        fields = Counter(name for record in mine for name in _fields(record, rules))
        without = {}
        for name in fields:
            left_out = replace(rules, exclude_fields=(*rules.exclude_fields, name))
            other = _keys(mine, [_question(record, left_out) for record in mine])
            if max(other) < max(keys):
                without[name] = _numbered(other)
        found[model] = {
            "times": [_microseconds(record["time"]) for record in mine],
            "keys": keys,
            "durations": [round(record.get("latency_ms", 0) * 1000) for record in mine],
            "sizes": [record.get("answer_bytes", len(record.get("answer", "").encode())) for record in mine],
            "answers": _numbered([record.get("answer_digest", record.get("answer", -1)) for record in mine]),
            "without": without,
            "bypasses": Counter(reason for reason, _ in questions if reason),
            "callers": len({record.get("caller") for record in mine}),
            "fields": dict(fields),
        }
    return found


def canonical_text(body: bytes, rules: CacheRules) -> bytes:
    """The canonical text by the key's Python twin. Raises NotCacheable."""
    settings = replace(SETTINGS, profile=rules.profile, exclude_fields=rules.exclude_fields)
    return canonical(settings, body)


def _question(record: Mapping[str, Any], rules: CacheRules) -> tuple[str, Any]:
    """Why it bypasses, and else the question."""
    if "bypass" in record:
        return record["bypass"], None
    if "digest" in record:
        return "", ("digest", record["digest"])
    body = record["body"].encode()
    if len(body) > rules.max_body_bytes:
        return "size", None
    try:
        return "", ("body", canonical_text(body, rules))
    except NotCacheable as error:
        return str(error), None


def _keys(records: list[Mapping[str, Any]], questions: list[tuple[str, Any]]) -> list[int]:
    known: dict[Any, int] = {}
    askers = [(record.get("caller"), question) for record, (_, question) in zip(records, questions, strict=True)]
    for asker in sorted((asker for asker in askers if asker[1]), key=lambda asker: asker[1][0] == "body"):
        known.setdefault(asker, len(known))
    return [known[asker] if asker[1] else -1 for asker in askers]


def _fields(record: Mapping[str, Any], rules: CacheRules) -> set[str]:
    reason, question = _question(record, rules)
    if reason or question[0] != "body" or not question[1].startswith(b"{"):
        return set()
    return json.loads(question[1]).keys() - {"stream"} - ({"temperature"} if rules.profile == "llm" else set())


def _microseconds(time: Any) -> int:
    if not isinstance(time, str):
        return round(time * 1e6)
    moment = datetime.fromisoformat(time.upper())
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _numbered(things: list[Any]) -> list[int]:
    known: dict[Any, int] = {-1: -1}
    return [known.setdefault(thing, len(known) - 1) for thing in things]
