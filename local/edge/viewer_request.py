"""One request as the viewer sent it, or as the viewer-request function left it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from multidict import CIMultiDict

_MAXIMUM_URL_BYTES = 8_192
_MAXIMUM_REQUEST_BYTES = 20_480


@dataclass(frozen=True)
class ViewerRequest:
    """Method, raw path, raw query (None: no `?`), headers and the viewer's address; never changed, only replaced.

    host: as in the Host header, with its port. Header names count in any case; values are UTF-8, or else
    ISO-8859-1. A target that is not ASCII never gets here: the server answers it with 400.
    """

    method: str
    host: str
    path: str
    query: str | None
    headers: CIMultiDict[str]
    address: str

    @classmethod
    def received(cls, request: web.BaseRequest) -> ViewerRequest:
        target = re.sub(r"^https?://[^/?]*", "", request.raw_path, flags=re.I)
        path, mark, query = target.partition("?")
        headers = CIMultiDict((_text(name), _text(value)) for name, value in request.raw_headers)
        peer = request.transport.get_extra_info("peername") if request.transport else None
        return cls(
            method=request.method,
            host=headers.get("Host", ""),
            path=path or "/",
            query=query if mark else None,
            headers=headers,
            address=peer[0] if peer else "127.0.0.1",
        )

    @property
    def too_long(self) -> bool:
        """Whether URL or request are above the quotas (Developer Guide, "Maximum length of a request ... of a URL")."""
        url = len("https://") + len(self.host.encode()) + len(self.target.encode())
        headers = sum(len(name) + len(value.encode()) + 4 for name, value in self.headers.items())
        return (
            url > _MAXIMUM_URL_BYTES or len(self.method) + len(self.target.encode()) + headers > _MAXIMUM_REQUEST_BYTES
        )

    @property
    def roots(self) -> list[str]:
        """What its URL may begin with: the local edge stands for the TLS side, and its port for the product's own."""
        hosts = dict.fromkeys((self.host, self.host.partition(":")[0]))
        return [f"{scheme}://{host}" for scheme in ("https", "http") for host in hosts]

    @property
    def target(self) -> str:
        return self.path if self.query is None else f"{self.path}?{self.query}"

    @property
    def cookies(self) -> list[tuple[str, str]]:
        """The cookies in their order, names and values as sent."""
        parts = [part.strip() for line in self.headers.getall("Cookie", []) for part in line.split(";")]
        return [(name.strip(), value.strip()) for name, _, value in (part.partition("=") for part in parts if part)]

    @property
    def cookie_map(self) -> Mapping[str, str]:
        return dict(self.cookies)

    def replaced(self, path: str, query: str | None, headers: CIMultiDict[str]) -> ViewerRequest:
        return dataclasses.replace(self, path=path, query=query, headers=headers)


def query_parts(query: str | None) -> list[tuple[str, str, str]]:
    """Return (name, value, as sent) of every parameter in its order, nothing decoded; empty parts are dropped."""
    parts = [(part.partition("="), part) for part in (query or "").split("&") if part]
    return [(found[0], found[2], part) for found, part in parts]


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
