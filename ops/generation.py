"""The generation of a model's key in its stack file: adding 1 makes every cached answer unreachable."""

from __future__ import annotations

import copy
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.engine.errors import EngineError
from local.engine.yaml_file import read_yaml


class GenerationError(Exception):
    """The stack file cannot be edited; the text is for a person."""


@dataclass(frozen=True)
class Bumped:
    """The generation before and now."""

    before: int
    after: int


def bump_generation(stack_file: Path, project: str, model: str) -> Bumped:
    """Adds 1 to `cache.generation` of a model in `<project>:models`; every other character of the file stays.

    Usage: ``bump_generation(Path("Pulumi.dev.yaml"), "inference-edge", "digits").after``. Raises GenerationError and
    leaves the file alone when it has no such model, or when the place cannot be edited without changing others.
    """
    try:
        document = read_yaml(stack_file, if_missing=f"{stack_file.name} does not exist")
    except EngineError as error:
        raise GenerationError(str(error)) from None
    key = f"{project}:models"
    models = (document.get("config") or {}).get(key)
    names = [each.get("name") if isinstance(each, dict) else None for each in models if each] if models else []
    if model not in names:
        known = ", ".join(str(name) for name in names) or "none"
        raise GenerationError(f"{stack_file.name}: {key} has no model {model}; it has {known}")
    index = names.index(model)
    expected = copy.deepcopy(document)
    cache = expected["config"][key][index].setdefault("cache", {}) or {}
    before = cache.get("generation", 1)
    expected["config"][key][index]["cache"] = {**cache, "generation": before + 1}

    with stack_file.open(encoding="utf-8", newline="") as file:  # its line ends stay, too
        text = file.read()
    _replace(stack_file, _edited(text, (key, index), before + 1), expected)
    return Bumped(before, before + 1)


def _edited(text: str, place: tuple[str, int], generation: int) -> str:
    key, index = place
    root: Any = yaml.compose(text, yaml.SafeLoader)
    _, models = _entry(_entry(root, "config")[1], key)
    model = models.value[index]
    name, cache = _entry(model, "cache")
    if cache is None:
        return _with_entry(text, model, f"cache: {{generation: {generation}}}")
    if name is None or cache.start_mark.index < name.end_mark.index:
        raise GenerationError(f"{key}[{index}].cache is a YAML alias: write its generation {generation} by hand")
    _, given = _entry(cache, "generation")
    if given is not None:
        return text[: given.start_mark.index] + str(generation) + text[given.end_mark.index :]
    if not cache.value:  # {}, null or nothing at all
        start, end = cache.start_mark.index, cache.end_mark.index
        space = "" if text[start - 1 : start].isspace() else " "
        return f"{text[:start]}{space}{{generation: {generation}}}{text[end:]}"
    return _with_entry(text, cache, f"generation: {generation}")


def _with_entry(text: str, mapping: Any, entry: str) -> str:
    """The text with one more entry before the last of a mapping that has some; the last may end anywhere."""
    at = mapping.value[-1][0].start_mark
    line_end = "\r\n" if "\r\n" in text else "\n"
    gap = ", " if mapping.flow_style else line_end + " " * at.column
    return text[: at.index] + entry + gap + text[at.index :]


def _entry(mapping: Any, name: str) -> tuple[Any, Any]:
    return next(((key, value) for key, value in mapping.value if key.value == name), (None, None))


def _replace(path: Path, text: str, expected: dict[str, Any]) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8", newline="")
    try:
        if read_yaml(draft, if_missing="") != expected:
            raise GenerationError(f"{path.name} cannot be edited here: add 1 to the model's cache.generation by hand")
        draft.chmod(path.stat().st_mode)
        os.replace(draft, path)
    except EngineError as error:
        raise GenerationError(str(error)) from None
    finally:
        draft.unlink(missing_ok=True)
