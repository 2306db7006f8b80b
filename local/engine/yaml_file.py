"""Reads YAML as Pulumi does: ``yes`` and ``on`` are texts, a key given twice is an error."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from local.engine.errors import EngineError


class _Loader(yaml.SafeLoader):
    """YAML 1.2 scalars; dates stay texts."""

    yaml_implicit_resolvers = {
        first: [item for item in resolvers if item[0] not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def read_yaml(path: Path, *, if_missing: str) -> dict[str, Any]:
    """The mapping in a file. Raises EngineError, with line and column, when it is no valid YAML mapping."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 a SafeLoader
    except FileNotFoundError:
        raise EngineError(if_missing) from None
    except OSError as error:
        raise EngineError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EngineError(f"{path} is not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise EngineError(f"{path}{where}: invalid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise EngineError(f"{path}: invalid YAML: {error}") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise EngineError(f"{path} must be a YAML mapping, not a {type(document).__name__}")
    return document
