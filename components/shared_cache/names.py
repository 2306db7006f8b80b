"""Ids that one gives oneself: ElastiCache makes none for users and user groups."""

import hashlib
import re

import pulumi

from . import limits

_OTHER = re.compile(r"[^a-z0-9]+")
_DIGEST_CHARACTERS = 8


def physical_id(name: str) -> str:
    """The id of what this stack calls `name`, one of its own: letters, digits and single hyphens, as `name` begins."""
    whole = f"{name}-{pulumi.get_project()}-{pulumi.get_stack()}"
    digest = hashlib.sha256(whole.encode()).hexdigest()[:_DIGEST_CHARACTERS]
    plain = _OTHER.sub("-", whole.lower())[: limits.ID_CHARACTERS - _DIGEST_CHARACTERS - 1]
    return f"{plain.strip('-')}-{digest}"
