"""The names that Pulumi makes when a program gives none."""

from __future__ import annotations

import re

from local.engine.difference import find_changes
from local.engine.errors import ProviderError
from local.engine.providers.stand_in.kind import Kind
from local.engine.values import Properties

SUFFIX_LENGTH = 7


def auto_name(
    type_: str, kind: Kind, name: str, suffix: str, inputs: Properties, old_inputs: Properties, *, lower: bool = False
) -> str:
    """The automatic name so far, or one with this suffix for a new resource; a replacement exists beside the old.

    Raises ProviderError for a logical name that is too long. `lower`: the cloud takes no capital letters.
    """
    stem = name.lower() if lower else name
    old = str(old_inputs.get(kind.auto_name, ""))
    compared = {key: value for key, value in old_inputs.items() if key != kind.auto_name}
    changed = {str(change.path[0]) for change in find_changes(compared, inputs)}
    if re.fullmatch(rf"{re.escape(stem)}-[0-9a-f]{{{SUFFIX_LENGTH}}}", old) and not changed & kind.replacing(type_):
        return old
    new = f"{stem}-{suffix}"
    if len(new) > kind.auto_name_length:
        longest = kind.auto_name_length - SUFFIX_LENGTH - 1
        raise ProviderError(
            f"{name!r} is too long for an automatic name: at most {longest} characters, or set {kind.auto_name}"
        )
    return new
