"""URNs: their text, and which older URNs a resource may have had (aliases)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pulumi.runtime.proto import alias_pb2

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"


def make_urn(stack: str, project: str, parent_urn: str, type_: str, name: str) -> str:
    """``urn:pulumi:<stack>::<project>::<component types>$<type>::<name>``; the Stack is left out of the chain."""
    parent_type = qualified_type(parent_urn) if parent_urn else STACK_TYPE
    chain = type_ if parent_type == STACK_TYPE else f"{parent_type}${type_}"
    return f"urn:pulumi:{stack}::{project}::{chain}::{name}"


def qualified_type(urn: str) -> str:
    """The type chain of a URN."""
    return urn.split("::", 3)[2]


def name_of(urn: str) -> str:
    """The logical name of a URN."""
    return urn.split("::", 3)[3]


def alias_urns(
    aliases: Iterable[alias_pb2.Alias],
    *,
    stack: str,
    project: str,
    parent_urn: str,
    type_: str,
    name: str,
    renamed: Mapping[str, str],
) -> list[str]:
    """Older URNs of a resource, in the order to try them.

    `renamed` maps the present URN of a resource to the one it had in the state: children of a renamed
    parent inherit its old type chain, and its old name where theirs starts with the parent's.
    """
    found: dict[str, None] = {}
    names = [(type_, name)]
    for alias in aliases:
        if alias.WhichOneof("alias") == "urn":
            found[alias.urn] = None
            names.append((qualified_type(alias.urn).split("$")[-1], name_of(alias.urn)))
            continue
        spec = alias.spec
        parent = "" if spec.noParent else spec.parentUrn or parent_urn
        alias_type, alias_name = spec.type or type_, spec.name or name
        found[make_urn(spec.stack or stack, spec.project or project, parent, alias_type, alias_name)] = None
        names.append((alias_type, alias_name))
    old_parent = renamed.get(parent_urn)
    if old_parent:
        parent_name, old_parent_name = name_of(parent_urn), name_of(old_parent)
        for alias_type, alias_name in names:
            inherited = alias_name
            if alias_name.startswith(parent_name):
                inherited = old_parent_name + alias_name.removeprefix(parent_name)
            found[make_urn(stack, project, old_parent, alias_type, inherited)] = None
    return list(found)
