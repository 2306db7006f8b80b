"""The answers that Google's edge makes itself."""

from __future__ import annotations

import http
from html import escape

from multidict import CIMultiDict


class Refused(Exception):
    """The edge answers by itself, with this status; the text is for its page."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        self.status = status


def error_page(status: int, text: str = "") -> tuple[CIMultiDict[str], bytes]:
    """Return headers and body of an error page."""
    phrase = http.HTTPStatus(status).phrase
    head = f"<head><title>{status} {phrase}</title></head>"
    body = f"<html>{head}<body><h1>Error: {phrase}</h1>{escape(text)}</body></html>"
    return CIMultiDict({"Content-Type": "text/html; charset=UTF-8", "Referrer-Policy": "no-referrer"}), body.encode()
