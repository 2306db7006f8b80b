"""Invalidations: CloudFront's CreateInvalidation and GetInvalidation in XML, and which stored answers they remove."""

from __future__ import annotations

import collections
import datetime
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from local.edge.cloudfront.cache_key import CacheKey
from local.edge.http_cache.object_store import ObjectStore, StoredObject

_NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
_KEPT = 1000
_MAXIMUM_PATHS = 3000


class InvalidationError(Exception):
    """CloudFront's error: HTTP status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    @property
    def xml(self) -> str:
        return (
            f'<?xml version="1.0"?>\n<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>Sender</Type>'
            f"<Code>{self.code}</Code><Message>{escape(self.message)}</Message></Error>"
            f"<RequestId>{secrets.token_hex(16)}</RequestId></ErrorResponse>"
        )


@dataclass(frozen=True)
class _Invalidation:
    id: str
    created: str
    paths: tuple[str, ...]
    caller_reference: str

    @property
    def xml(self) -> str:
        items = "".join(f"<Path>{escape(path)}</Path>" for path in self.paths)
        return (
            f'<?xml version="1.0"?>\n<Invalidation xmlns="{_NAMESPACE}"><Id>{self.id}</Id><Status>Completed</Status>'
            f"<CreateTime>{self.created}</CreateTime><InvalidationBatch><Paths><Quantity>{len(self.paths)}</Quantity>"
            f"<Items>{items}</Items></Paths><CallerReference>{escape(self.caller_reference)}</CallerReference>"
            "</InvalidationBatch></Invalidation>"
        )


class Invalidations:
    """Removes stored answers as CreateInvalidation asks; it is complete when the call returns.

    Usage:
        invalidations = Invalidations(store)
        invalidation_id, xml = invalidations.create("EDFDVBD6EXAMPLE", request_body)
        xml = invalidations.get("EDFDVBD6EXAMPLE", invalidation_id)

    A path counts in its case, with the query strings of the cache key, for what the viewer asked and for what the
    function made of it; `*` at the end stands for any characters; `#tag` for every answer with that tag, in any case.
    Raises InvalidationError. Sources: CloudFront Developer Guide, "Invalidate files", "What you need to know when
    invalidating tags"; API reference, CreateInvalidation.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._known: collections.OrderedDict[tuple[str, str], _Invalidation] = collections.OrderedDict()

    def create(self, distribution_id: str, body: bytes) -> tuple[str, str]:
        paths, reference = _parsed(body)
        for (known_distribution, _), one in self._known.items():
            if known_distribution == distribution_id and one.caller_reference == reference:
                if one.paths != paths:
                    raise InvalidationError(400, "InvalidArgument", "CallerReference was used with other paths")
                return one.id, one.xml
        matches = [matcher(path) for path in paths]
        self._store.remove(
            lambda one: (
                isinstance(one.key, CacheKey)
                and one.key.distribution_id == distribution_id
                and any(found(one) for found in matches)
            )
        )
        invalidation_id = "I" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(13))
        created = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        made = _Invalidation(invalidation_id, created, paths, reference)
        self._known[distribution_id, invalidation_id] = made
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return invalidation_id, made.xml

    def get(self, distribution_id: str, invalidation_id: str) -> str:
        found = self._known.get((distribution_id, invalidation_id))
        if found is None:
            raise InvalidationError(404, "NoSuchInvalidation", "The specified invalidation does not exist.")
        return found.xml


def matcher(path: str) -> Callable[[StoredObject], bool]:
    """Return the test of one path or `#tag`; raises InvalidationError when it is neither."""
    if path.startswith("#"):
        tag = path[1:].lower()
        if not tag or len(tag) > 256 or "," in tag or not all("!" <= character <= "~" for character in tag):
            raise InvalidationError(400, "InvalidArgument", f"'{path}' is not a cache tag.")
        return lambda one: tag in one.tags
    if not path.startswith("/"):
        raise InvalidationError(400, "InvalidArgument", f"The path '{path}' must start with '/' or '#'.")
    if path.endswith("*"):
        return lambda one: any(target.startswith(path[:-1]) for target in _targets(one))
    return lambda one: path in _targets(one)


def _targets(one: StoredObject) -> tuple[str, str]:
    query = f"?{one.key.query}" if one.key.query else ""
    return f"{one.key.path}{query}", one.viewer_target


def _parsed(body: bytes) -> tuple[tuple[str, ...], str]:
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise InvalidationError(400, "MalformedXML", "The XML document is malformed.") from None
    name = {"n": _NAMESPACE}
    paths = tuple(item.text or "" for item in root.findall("n:Paths/n:Items/n:Path", name))
    reference = root.findtext("n:CallerReference", "", name)
    quantity = root.findtext("n:Paths/n:Quantity", "", name)
    if root.tag != f"{{{_NAMESPACE}}}InvalidationBatch" or not reference:
        raise InvalidationError(400, "MalformedXML", "The XML document is not an InvalidationBatch.")
    if not paths or quantity != str(len(paths)):
        raise InvalidationError(400, "InconsistentQuantities", "Quantity and the number of paths do not match.")
    if len(paths) > _MAXIMUM_PATHS:
        raise InvalidationError(413, "BatchTooLarge", f"At most {_MAXIMUM_PATHS} paths are allowed.")
    return paths, reference
