"""The config of a policy pack: which policies are on, how strict they are, and their properties."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2

from local.engine.errors import EngineError

_ALL = "all"
_LEVEL = "enforcementLevel"
_LEVELS = {
    "advisory": analyzer_pb2.ADVISORY,
    "mandatory": analyzer_pb2.MANDATORY,
    "disabled": analyzer_pb2.DISABLED,
    "remediate": analyzer_pb2.REMEDIATE,
}
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def pack_configuration(info: analyzer_pb2.AnalyzerInfo, file: Path | None) -> dict[str, analyzer_pb2.PolicyConfig]:
    """The config of every policy: the pack's own, changed by what a file says, as `--policy-pack-config` takes it.

    Usage: ``{"all": "mandatory", "kong-cache-ttl": {"enforcementLevel": "advisory", "maxTtlSeconds": 600}}`` in the
    file. Raises EngineError with every problem of the file.
    """
    given = _read(file) if file else {}
    problems = list(_problems(info, given))
    if problems:
        raise EngineError("\n".join(f"{file}: {problem}" for problem in problems))
    return {policy.name: _of_policy(policy, given) for policy in info.policies}


def _of_policy(policy: analyzer_pb2.PolicyInfo, given: Mapping[str, Any]) -> analyzer_pb2.PolicyConfig:
    own = _as_mapping(given.get(policy.name, {}))
    level = _LEVELS.get(own.get(_LEVEL) or _as_mapping(given.get(_ALL, {})).get(_LEVEL, ""), policy.enforcementLevel)
    config = analyzer_pb2.PolicyConfig(enforcementLevel=level)
    schemas = _schemas(policy)
    values = {name: schema["default"] for name, schema in schemas.items() if "default" in schema}
    config.properties.update({**values, **{name: value for name, value in own.items() if name != _LEVEL}})
    return config


def _problems(info: analyzer_pb2.AnalyzerInfo, given: Mapping[str, Any]) -> Iterator[str]:
    policies = {policy.name: policy for policy in info.policies}
    for name, value in given.items():
        if name != _ALL and name not in policies:
            yield f"{name}: the pack {info.name} has no such policy"
            continue
        schemas = _schemas(policies[name]) if name != _ALL else {}
        for key, item in _as_mapping(value).items():
            if key == _LEVEL:
                if item not in _LEVELS:
                    yield f"{name}: the enforcement level must be one of {', '.join(_LEVELS)}"
            elif key not in schemas:
                yield f"{name}: {key} is none of its properties, which are {', '.join(sorted(schemas)) or 'none'}"
            elif not _has_type(item, schemas[key].get("type")):
                yield f"{name}: {key}: Invalid type. Expected: {schemas[key]['type']}"


def _schemas(policy: analyzer_pb2.PolicyInfo) -> dict[str, Any]:
    return json_format.MessageToDict(policy.configSchema.properties)


def _has_type(value: Any, name: str | None) -> bool:
    if name is None:
        return True
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _as_mapping(value: Any) -> Mapping[str, Any]:
    """A level alone stands for an object with that level."""
    return value if isinstance(value, dict) else {_LEVEL: value}


def _read(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise EngineError(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise EngineError(f"{file} is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise EngineError(f"{file} must hold an object: names of policies and their config")
    return document
