"""Rules about the keys of ``edge`` that not every provider takes (``edge_providers.ONLY_WITH``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from .conflict import Conflict
from .edge_models import EdgeSettings
from .edge_providers import EDGE_PROVIDERS, ONLY_WITH, PRODUCTS, KeyPath, takes
from .wording import one_of

_PROVIDER = ("edge", "provider")
CERTIFICATE_KEYS = {(key,) for product in PRODUCTS.values() for key in product.certificate_keys}
"""Where the aliases have their certificate from: each cloud has its own keys for it."""

_Section = TypeVar("_Section", bound=BaseModel)


def key_conflicts(edge: EdgeSettings) -> Iterator[Conflict]:
    """Keys that are given although the provider does not take them.

    Where the names of the other cloud are kept may stand beside where this one's are, so that another provider is
    another word in one line.
    """
    if edge.provider == "none":
        yield from _nothing_given(edge)
        return
    own = [(key,) for key in PRODUCTS[edge.provider].certificate_keys]
    has_own = any(_is_given(edge, path) for path in own)
    for path in ONLY_WITH:
        in_section = len(path) > 1 and not takes(edge.provider, path[:-1])  # which is told as a whole
        if in_section or takes(edge.provider, path) or not _is_given(edge, path):
            continue
        if path in CERTIFICATE_KEYS and has_own:
            continue
        yield Conflict(("edge", *path), _only(edge, path), (_PROVIDER, *(("edge", *key) for key in own)))


def taken(section: BaseModel, provider: str, at: KeyPath = ()) -> dict[str, Any]:
    """What the provider takes of ``edge``, or of its section ``at``, by field name; without what is not given."""
    found: dict[str, Any] = {}
    for name, field in type(section).model_fields.items():
        path, value = (*at, field.alias or name), getattr(section, name)
        if takes(provider, path) and value is not None and value != ():
            found[name] = taken(value, provider, path) if isinstance(value, BaseModel) else value
    return found


def without_others(edge: EdgeSettings) -> EdgeSettings:
    """The edge with the defaults of all keys that its provider does not take: each is told once, by its name."""
    for path in ONLY_WITH:
        if not takes(edge.provider, path):
            edge = _reset(edge, path)
    return edge


def _nothing_given(edge: EdgeSettings) -> Iterator[Conflict]:
    default = EdgeSettings()
    for name, field in EdgeSettings.model_fields.items():
        if getattr(edge, name) != getattr(default, name):
            path = (field.alias or name,)
            yield Conflict(("edge", *path), _only(edge, path), (_PROVIDER,))


def _only(edge: EdgeSettings, path: KeyPath) -> str:
    return f"only with provider {one_of(ONLY_WITH.get(path, EDGE_PROVIDERS))} (provider is {edge.provider})"


def _is_given(section: BaseModel, path: KeyPath) -> bool:
    """Whether the key stands in the file with a value, be it the default."""
    name = _name(section, path[0])
    value = getattr(section, name)
    if name not in section.model_fields_set or value is None or value == ():
        return False
    return len(path) == 1 or _is_given(value, path[1:])


def _reset(section: _Section, path: KeyPath) -> _Section:
    name = _name(section, path[0])
    found = getattr(section, name)
    value = _reset(found, path[1:]) if len(path) > 1 else getattr(type(section)(), name)
    return section.model_copy(update={name: value})


def _name(section: BaseModel, key: str) -> str:
    return next(name for name, field in type(section).model_fields.items() if (field.alias or name) == key)
