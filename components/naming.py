"""Names and tags of what a stack owns in Kong.

Names are fixed, so that an entity whose creation was interrupted can be found again; they begin with project and
stack, so that several stacks can share one Kong. A consumer of a package gets its own project and stack here.
"""

import re

import pulumi

_TAG = re.compile(r"[^A-Za-z0-9._~:-]")  # Kong refuses ',' and '/' in a tag


def kong_name(name: str) -> str:
    """The Kong name of something that this stack calls `name`: `<project>-<stack>-<name>`."""
    return f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}"


def stack_tags() -> list[str]:
    """Tags of everything that this stack owns."""
    return [_tag("project", pulumi.get_project()), _tag("stack", pulumi.get_stack())]


def model_tags(model: str) -> list[str]:
    """Tags of everything that belongs to one model of this stack."""
    return [*stack_tags(), _tag("model", model)]


def _tag(kind: str, value: str) -> str:
    return f"{kind}:{_TAG.sub('-', value)}"
