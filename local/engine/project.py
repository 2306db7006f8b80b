"""The project and its stack config: ``Pulumi.yaml`` and ``Pulumi.<stack>.yaml``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.engine.errors import EngineError
from local.engine.passphrase import PassphraseCipher
from local.engine.values import Secret, holds_secret, reveal
from local.engine.yaml_file import read_yaml
from local.missing_stack import missing_stack

_NAME = re.compile(r"^[A-Za-z0-9_.-]{1,100}$")
# https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/
_STACK_FILE_KEYS = ("config", "encryptedkey", "encryptionsalt", "secretsprovider")
_TYPES = ("string", "integer", "boolean", "array", "object")


@dataclass(frozen=True)
class Project:
    """A project with the config of one stack, decrypted.

    Usage: ``Project.load(Path("."), "dev", passphrase="...", overrides={})``. `config` has every value as the text
    that the SDK wants (JSON for lists and objects), `secret_keys` those that hold a secret.
    """

    name: str
    config: dict[str, str] = field(repr=False)
    secret_keys: list[str]
    salt_line: str | None

    @classmethod
    def load(cls, project_dir: Path, stack: str, *, passphrase: str | None, overrides: Mapping[str, Any]) -> Project:
        """Raises EngineError with every problem of the config, one a line."""
        if not _NAME.match(stack):
            raise EngineError(f"the stack name {stack!r} may only hold letters, digits, '.', '_' and '-'")
        project_file = project_dir / "Pulumi.yaml"
        document = read_yaml(
            project_file, if_missing=f"there is no {project_file}: is {project_dir} the project folder?"
        )
        name = document.get("name")
        if not isinstance(name, str) or not _NAME.match(name):
            raise EngineError(f"{project_file}: name is missing or not a project name")
        stack_file = project_dir / f"Pulumi.{stack}.yaml"
        if overrides and not stack_file.exists():
            stack_document: dict[str, Any] = {}
        else:
            stack_document = read_yaml(stack_file, if_missing=missing_stack(project_dir, stack))
        _require_known_keys(stack_document, stack_file)
        salt_line = stack_document.get("encryptionsalt")
        decryption = _Decryption(salt_line, passphrase, stack_file, stack)
        section = {_full_key(str(key), name): value for key, value in _section(stack_document, stack_file).items()}
        given = {key: decryption.value(value, key) for key, value in section.items()}
        values = {**given, **{_full_key(key, name): value for key, value in overrides.items()}}
        problems = _Declarations(name, stack, _section(document, project_file), project_file).apply(values)
        if problems:
            raise EngineError("\n".join(problems))
        return cls(
            name=name,
            config={key: _text(reveal(value)) for key, value in values.items() if value is not None},
            secret_keys=sorted(key for key, value in values.items() if holds_secret(value)),
            salt_line=salt_line,
        )


class _Decryption:
    """Decrypts ``{secure: v1:...}`` anywhere in a config; the passphrase is only needed when there is one."""

    def __init__(self, salt_line: str | None, passphrase: str | None, stack_file: Path, stack: str) -> None:
        self._salt_line, self._passphrase, self._file, self._stack = salt_line, passphrase, stack_file, stack
        self._cipher: PassphraseCipher | None = None

    def value(self, value: Any, place: str) -> Any:
        """The value with each secret in it decrypted; `place` is its path, such as shop:consumers[0].key."""
        if isinstance(value, dict):
            if set(value) == {"secure"}:
                return Secret(self._open(place).decrypt(str(value["secure"]), f"{self._file}: {place}"))
            return {key: self.value(item, f"{place}.{key}") for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, f"{place}[{index}]") for index, item in enumerate(value)]
        return value

    def _open(self, place: str) -> PassphraseCipher:
        if self._cipher is None:
            if not self._salt_line:
                raise EngineError(
                    f"{self._file}: {place} is encrypted, but the file has no encryptionsalt, and only what a "
                    "passphrase encrypts can be read here. Encrypt all of it anew: "
                    f"pulumi stack change-secrets-provider passphrase --stack {self._stack}. For a new stack: "
                    f"pulumi stack init {self._stack} --secrets-provider passphrase, then "
                    f"pulumi config set --secret --path '{place}' --stack {self._stack}. "
                    "Or leave a consumer's key out: one is generated"
                )
            self._cipher = PassphraseCipher.open(self._salt_line, self._passphrase, str(self._file))
        return self._cipher


class _Declarations:
    """The ``config`` section of Pulumi.yaml: defaults, types, and which values must be secret."""

    def __init__(self, project: str, stack: str, section: Mapping[str, Any], project_file: Path) -> None:
        self._stack, self._file = stack, project_file
        self._declared = {_full_key(str(key), project): value for key, value in section.items()}
        self._project = project

    def apply(self, values: dict[str, Any]) -> list[str]:
        """Fill defaults into `values`; gives the problems found."""
        problems = []
        for key, declared in self._declared.items():
            own = isinstance(declared, dict)
            rule: dict[str, Any] = declared if own else {"default": declared}
            shown = key.removeprefix(f"{self._project}:")
            type_ = rule.get("type")
            if type_ is not None and type_ not in _TYPES:
                problems.append(f"{self._file}: config {shown}: type must be one of {', '.join(_TYPES)}, not {type_!r}")
                continue
            fallback = rule.get("default", rule.get("value"))
            if values.get(key) is None and fallback is not None:
                values[key] = fallback
            if values.get(key) is None:
                if own and "default" not in rule and "value" not in rule:
                    problems.append(f"Stack '{self._stack}' is missing configuration value '{shown}'")
                continue
            if rule.get("secret") and not holds_secret(values[key]):
                problems.append(
                    f"Stack '{self._stack}' with configuration key '{shown}' must be encrypted as it's secret"
                )
            if type_ and not _has_type(reveal(values[key]), type_):
                problems.append(f"Stack '{self._stack}' with configuration key '{shown}' must be of type '{type_}'")
        return problems


def _has_type(value: Any, type_: str) -> bool:
    if type_ == "integer":
        if isinstance(value, str):
            return re.fullmatch(r"[+-]?\d+", value) is not None
        return isinstance(value, int) and not isinstance(value, bool)
    if type_ == "boolean":
        return isinstance(value, bool) or value in ("true", "false")
    if type_ == "string":
        return not isinstance(value, dict | list)
    return isinstance(value, list if type_ == "array" else dict)


def _require_known_keys(document: Mapping[str, Any], file: Path) -> None:
    """Pulumi ignores the others, and then misses what they say."""
    if "environment" in document:
        raise EngineError(f"{file}: environment (Pulumi ESC) needs the pulumi CLI")
    outside = [str(key) for key in document if key not in _STACK_FILE_KEYS]
    if outside:
        stand, them = ("stands", "it") if len(outside) == 1 else ("stand", "them")
        raise EngineError(f"{file}: {', '.join(outside)} {stand} outside config:; indent {them} below config:")


def _section(document: Mapping[str, Any], file: Path) -> dict[str, Any]:
    section = document.get("config")
    if section is None:
        return {}
    if not isinstance(section, dict):
        raise EngineError(f"{file}: config must be a mapping of keys to values")
    return section


def _full_key(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
