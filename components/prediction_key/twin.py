"""The prediction key in Python: the same digest as the deployed Lua, for tests, warming and support.

    key = prediction_key(settings, secret, endpoint="http://model:8080/invocations",
                         request_line="POST /digits/predict HTTP/1.1",
                         headers={"host": "api.example.com", "content-type": "application/json"}, body=b'{"x": [1]}')

A separate implementation (regular expressions, recursion) of what `canonical.lua` and `pre_access.lua` do.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

from .render import MAX_DEPTH, KeySettings

_SPACE = re.compile(rb"[ \t\r\n]*")
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_STRING = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_ZERO = re.compile(rb"-?0(?:\.0+)?(?:[eE][+-]?[0-9]+)?")
_LITERALS = (b"true", b"false", b"null")


class NotCacheable(ValueError):
    """The document must not make a key; `str()` is the reason that Cache-Status names."""


def canonical(settings: KeySettings, document: bytes) -> bytes:
    """The canonical text of a JSON document. Raises NotCacheable."""
    return _Canonicaliser(settings, document).run()


def prediction_key(
    settings: KeySettings, secret: str, *, endpoint: str, request_line: str, headers: Mapping[str, str], body: bytes
) -> str:
    """The value of the key header: base64 of an HMAC-SHA1 over the length-prefixed parts.

    `endpoint` is the URL that the service calls, `request_line` the first line as sent, `headers` has
    lower-case names; values of a header sent several times are joined by line feeds. For a GET, `body` is what its
    input decodes to and the content type is application/json. Raises NotCacheable.
    """
    target = request_line.partition("?")[0] if request_line.startswith("GET ") else request_line
    parts = [
        settings.model.encode(),
        settings.version.encode(),
        str(settings.generation).encode(),
        settings.rules.encode(),
        endpoint.encode(),
        target.encode(),
        _mac(secret, canonical(settings, body)),
        *(headers[name].encode() if name in headers else None for name in settings.headers),
    ]
    framed = b":".join(b"%d:%d:%b" % (i, len(part), part) for i, part in enumerate(parts, 1) if part is not None)
    return _base64url(_mac(secret, framed))


def input_digest(settings: KeySettings, secret: str, body: bytes) -> str:
    """What the names of all answers to this question begin with, in a store of our own. Raises NotCacheable."""
    return _base64url(_mac(secret, canonical(settings, body)))


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _mac(secret: str, message: bytes) -> bytes:
    return hmac.new(secret.encode(), message, hashlib.sha1).digest()


class _Canonicaliser:
    def __init__(self, settings: KeySettings, document: bytes) -> None:
        self.settings, self.document = settings, document
        self.position = self.depth = 0
        self.cold = settings.profile != "llm"

    def run(self) -> bytes:
        if self._peek() not in (b"{", b"["):
            raise NotCacheable("not-a-container")
        text = self._value()
        self._skip()
        if self.position < len(self.document):
            raise NotCacheable("trailing")
        if not self.cold:
            raise NotCacheable("sampling")
        return text

    def _skip(self) -> None:
        match = _SPACE.match(self.document, self.position)
        assert match
        self.position = match.end()

    def _peek(self) -> bytes:
        self._skip()
        return self.document[self.position : self.position + 1]

    def _take(self, pattern: re.Pattern[bytes], reason: str) -> bytes:
        match = pattern.match(self.document, self.position)
        if not match:
            raise NotCacheable(reason)
        self.position = match.end()
        return match[0]

    def _value(self) -> bytes:
        first = self._peek()
        if first == b'"':
            return self._take(_STRING, "string")
        if first in (b"{", b"["):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise NotCacheable("depth")
            text = self._object() if first == b"{" else self._array()
            self.depth -= 1
            return text
        for literal in _LITERALS:
            if self.document.startswith(literal, self.position):
                self.position += len(literal)
                return literal
        return self._take(_NUMBER, "value")

    def _array(self) -> bytes:
        self.position += 1
        items: list[bytes] = []
        if self._peek() != b"]":
            items.append(self._value())
            while self._peek() == b",":
                self.position += 1
                items.append(self._value())
        self._expect(b"]", "separator")
        return b"[" + b",".join(items) + b"]"

    def _object(self) -> bytes:
        self.position += 1
        members: dict[bytes, bytes] = {}
        if self._peek() != b"}":
            self._member(members)
            while self._peek() == b",":
                self.position += 1
                self._member(members)
        self._expect(b"}", "separator")
        self._watch(members)
        excluded = {b'"%b"' % name.encode() for name in self.settings.exclude_fields} if self.depth == 1 else set()
        return b"{" + b",".join(b"%b:%b" % item for item in sorted(members.items()) if item[0] not in excluded) + b"}"

    def _member(self, members: dict[bytes, bytes]) -> None:
        if self._peek() != b'"':
            raise NotCacheable("name")
        name = self._take(_STRING, "string")
        if b"\\" in name:
            raise NotCacheable("escaped-name")
        if self._peek() != b":":
            raise NotCacheable("colon")
        self.position += 1
        value = self._value()
        if name in members:
            raise NotCacheable("duplicate-name")
        members[name] = value

    def _expect(self, closing: bytes, reason: str) -> None:
        if self._peek() != closing:
            raise NotCacheable(reason)
        self.position += 1

    def _watch(self, members: dict[bytes, bytes]) -> None:
        stream = members.get(b'"stream"', b"null")
        if stream not in (b"false", b"null") and (self.depth == 1 or stream == b"true"):
            raise NotCacheable("stream")
        if self.settings.profile != "llm":
            return
        if b'"temperature"' in members:
            if not _ZERO.fullmatch(members[b'"temperature"']):
                raise NotCacheable("sampling")
            self.cold = self.cold or self.depth == 1
        if members.get(b'"do_sample"', b"null") not in (b"false", b"null"):
            raise NotCacheable("sampling")
