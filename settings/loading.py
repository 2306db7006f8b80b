"""From Pulumi's config to ``Settings``: everything wrong is found in one go.

Usage::

    settings = load_settings(pulumi.Config())     # raises SettingsError, which ends the program without a traceback
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret
from pydantic import ValidationError

from .models import Settings
from .outline import must_at, nearest_key, section_at
from .problems import SECRET, ConfigProblem, Path, SettingsError, shown, yaml_path
from .rules import conflicts

_SECTIONS = tuple(field.alias or name for name, field in Settings.model_fields.items())
_STRUCTURED = ("kong", "sharedCache", "edge", "pools", "models", "router", "consumers")
_NOTHING = object()


def load_settings(config: pulumi.Config) -> Settings:
    """The stack config of ``config``'s namespace.

    Raises SettingsError with every problem found.
    """
    prefix = f"{config.name}:"
    keys = [key.removeprefix(prefix) for key in (*CONFIG.get(), *get_config_env()) if key.startswith(prefix)]
    given = {key: config.get(key) for key in (*_SECTIONS, *keys)}
    document = {key: value for key, value in given.items() if value is not None}
    secret = frozenset(section for section in _SECTIONS if is_config_secret(prefix + section))
    return parse_settings(
        document, namespace=config.name, source=f"Pulumi.{pulumi.get_stack()}.yaml", secret_sections=secret
    )


def parse_settings(
    document: Mapping[str, Any],
    *,
    namespace: str = "inference-edge",
    source: str = "The stack config",
    secret_sections: frozenset[str] = frozenset(),
) -> Settings:
    """The stack config in ``document``: the values of one namespace by their names without it.

    Sections and lists may be JSON text. ``secret_sections`` names the values that Pulumi holds
    encrypted; nothing of them is ever shown.
    Raises SettingsError with every problem found.
    """
    reading = _Reading(namespace, secret_sections)
    settings = reading.read({key: reading.decoded(key, value) for key, value in document.items()})
    if reading.problems or settings is None:
        raise SettingsError(source, tuple(sorted(reading.problems, key=_order)))
    return settings


def _order(problem: ConfigProblem) -> tuple[int, str]:
    """Problems stand by model and consumer; within one, in the order of the fields (sorting is stable)."""
    found = re.match(r"(\w+)(?:\[(\d+)\])?", problem.path.partition(":")[2])
    section, position = (found[1], found[2] or "") if found else ("", "")
    return (_SECTIONS.index(section) if section in _SECTIONS else -1, position.zfill(6))


class _Reading:
    """One pass over a document: collects the problems and the paths whose values are not to be trusted."""

    def __init__(self, namespace: str, secret_sections: frozenset[str]) -> None:
        self.namespace, self.secret_sections = namespace, secret_sections
        self.problems: list[ConfigProblem] = []
        self.wrong: list[Path] = []

    def decoded(self, key: str, value: Any) -> Any:
        """Pulumi hands lists and mappings to the program as JSON text."""
        if key not in _STRUCTURED or not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            return value

    def read(self, document: dict[str, Any]) -> Settings | None:
        self._check_secrecy(document)
        settings = None
        for attempt in range(5):  # each repair can uncover what it left incomplete; five levels is the deepest
            try:
                settings = Settings.model_validate(document, context=_value_at(document, ("edge", "provider")))
                break
            except ValidationError as error:
                found = [e for e in error.errors(include_url=False) if e["type"] != "default_factory_not_called"]
            if attempt == 0:
                for problem in sorted(found, key=lambda problem: problem["type"] == "missing"):
                    self._tell(problem["type"], problem["loc"], problem["msg"], problem["input"])
            document = _repaired(document, [problem["loc"] for problem in found])
        if settings:
            self._find_conflicts(settings)
        return settings

    def _find_conflicts(self, settings: Settings) -> None:
        complete = settings.model_dump(by_alias=True)
        for conflict in conflicts(settings):
            if not any(_touch(path, wrong) for path in (conflict.path, *conflict.decided_by) for wrong in self.wrong):
                value = _value_at(complete, conflict.path)
                self._add(conflict.path, conflict.message, _NOTHING if value is None else value)

    def _check_secrecy(self, document: dict[str, Any]) -> None:
        for path, what in _secrets(document):
            if path[0] not in self.secret_sections:
                place = yaml_path(self.namespace, path)
                message = f"must be encrypted; take a new {what} and run: pulumi config set --secret --path '{place}'"
                self.problems.append(ConfigProblem(place, message))

    def _tell(self, kind: str, path: Path, message: str, value: Any) -> None:
        if kind == "missing" and path in self.wrong:
            return  # told already, as a misspelt key
        self.wrong.append(path)
        if kind == "extra_forbidden":
            message, meant = nearest_key(path)
            if meant:
                self.wrong.append(meant)
            self._add(path, message)
        elif kind == "missing":
            self._add(path, f"required but missing; {must_at(path)}")
        elif kind == "allowed":
            self._add(path, message, value)
        elif kind == "bool_type":
            self._add(path, "must be true or false", value)
        else:  # model_type: the only other kind that these models can meet
            hint = "; leave the key out for its defaults" if value is None else ""
            self._add(path, f"must be a mapping{hint}", value)

    def _add(self, path: Path, message: str, value: Any = _NOTHING) -> None:
        given = None if value is _NOTHING else self._given(path, value)
        self.problems.append(ConfigProblem(yaml_path(self.namespace, path), message, given))

    def _given(self, path: Path, value: Any) -> str:
        if path[0] in self.secret_sections or (_is_private(path) and not isinstance(value, dict | list | tuple)):
            return SECRET
        return shown(value)


def _secrets(document: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """The places where secrets stand, and what they are."""
    for index, consumer in enumerate(_list_of(document, "consumers")):
        if consumer.get("key") is not None:
            yield ("consumers", index, "key"), "key"
    if _value_at(document, ("sharedCache", "password")) is not None:
        yield ("sharedCache", "password"), "password"
    at = ("edge", "authentication", "secrets")
    secrets = _value_at(document, at)
    for index, _ in enumerate(secrets if isinstance(secrets, list) else ()):
        yield (*at, index), "secret"


def _is_private(path: Path) -> bool:
    """Whether a secret may stand there, by intent or by mistake."""
    if path[0] == "consumers":
        return path[2:3] not in (("name",), ("models",))
    if path[0] == "sharedCache":
        return len(path) == 1 or path[1] == "password"
    if path[0] == "edge":
        return len(path) == 1 or (
            path[1] == "authentication" and path[2:3] not in (("mode",), ("issuer",), ("audience",))
        )
    return False


def _touch(path: Path, other: Path) -> bool:
    """One is the other or lies within it."""
    length = min(len(path), len(other))
    return path[:length] == other[:length]


def _value_at(document: Any, path: Path) -> Any:
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def _repaired(document: dict[str, Any], wrong: list[Path]) -> dict[str, Any]:
    """A copy whose wrong values are left out, so that defaults stand in and the rest can be checked together."""
    document = copy.deepcopy(document)
    for path in wrong:
        _leave_out(document, path)
    for section in ("pools", "models", "consumers"):
        for index, item in enumerate(_list_of(document, section)):
            item.setdefault("name", f"unnamed-{index}")
    return document


def _list_of(document: dict[str, Any], section: str) -> list[dict[str, Any]]:
    items = document.get(section)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _leave_out(document: dict[str, Any], path: Path) -> None:
    parent = _value_at(document, path[:-1])
    last = path[-1]
    if isinstance(parent, list) and isinstance(last, int):
        if path[0] in _STRUCTURED and len(path) == 2:
            parent[last] = {}
        else:
            _leave_out(document, path[:-1])
    elif isinstance(parent, dict) and last in parent:
        del parent[last]
    elif section_at(path[:-1]) is not None and len(path) > 1 and (not isinstance(path[-2], int) or len(path) > 3):
        _leave_out(document, path[:-1])  # a section without a required value, or the list that it is in
