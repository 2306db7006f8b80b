"""A viewer's conditions against a stored answer."""

from __future__ import annotations

import email.utils

from multidict import CIMultiDict


def not_modified(request_headers: CIMultiDict[str], headers: CIMultiDict[str]) -> bool:
    """Whether the viewer has the stored answer already (RFC 9110, section 13.2.2)."""
    if "If-None-Match" in request_headers:
        if "ETag" not in headers:
            return False
        given = [tag.strip().removeprefix("W/") for tag in request_headers["If-None-Match"].split(",")]
        return "*" in given or headers["ETag"].removeprefix("W/") in given
    since, modified = request_headers.get("If-Modified-Since"), headers.get("Last-Modified")
    if since is None or modified is None:
        return False
    try:
        return email.utils.parsedate_to_datetime(modified) <= email.utils.parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
