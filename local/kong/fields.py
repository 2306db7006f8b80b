"""Fields and checks of one value that several kinds of entities share."""

from __future__ import annotations

import re
from typing import Any

from local.kong.schema import Field


def checked_name(name: str) -> str | None:
    if re.fullmatch(r"[A-Za-z0-9._~\-\u0080-\U0010ffff]+", name):
        return None
    return f"invalid value '{name}': the only accepted ascii characters are alphanumerics or ., -, _, and ~"


def checked_tag(tag: str) -> str | None:
    if re.fullmatch(r"[^\x00-\x1f\x7f,/]+", tag):
        return None
    return f"invalid tag '{tag}': expected printable ascii (except `,` and `/`) or valid utf-8 sequences"


def checked_segments(path: str) -> str | None:
    if "//" in path:
        return "must not have empty segments"
    bad = re.search(r"%(?![0-9A-Fa-f]{2}).{0,2}", path)
    return f"invalid url-encoded value: '{bad[0]}'" if bad else None


def checked_path(path: str) -> str | None:
    if not path.startswith("/"):
        return "should start with: /"
    if not re.fullmatch(r"[A-Za-z0-9/._~!$&'()*+,;=:@%\-]*", path):
        return f"invalid path: '{path}' (characters outside of the reserved list of RFC 3986 found)"
    return checked_segments(path)


TAGS = Field("set", element=Field("string", check=checked_tag))
COMMON = {"id": Field("string"), "created_at": Field("number"), "updated_at": Field("number"), "tags": TAGS}
CREDENTIAL = {"id": Field("string"), "created_at": Field("number"), "tags": TAGS}


def strings(**limits: Any) -> Field:
    return Field("array", element=Field("string", **limits))
