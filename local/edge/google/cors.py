"""The CORS policy of a route."""

from __future__ import annotations

from dataclasses import dataclass

from multidict import CIMultiDict

from local.edge.fields import Fields
from local.edge.viewer_request import ViewerRequest


@dataclass(frozen=True)
class CorsPolicy:
    """A corsPolicy: answers preflights of the origins that it allows, and adds to other answers for them.

    Source: API references of EdgeCacheService and URL maps (CORSPolicy).
    """

    origins: frozenset[str]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    credentials: bool
    maximum_age_seconds: int

    def preflight(self, request: ViewerRequest) -> CIMultiDict[str] | None:
        """Return the headers of the answer to a preflight; None: it is none, or not of an allowed origin."""
        if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
            return None
        headers = self._allowed(request)
        if headers is not None:
            headers["Access-Control-Allow-Methods"] = ",".join(self.methods)
            headers["Access-Control-Allow-Headers"] = ",".join(self.headers)
            headers["Access-Control-Max-Age"] = str(self.maximum_age_seconds)
        return headers

    def apply(self, headers: CIMultiDict[str], request: ViewerRequest) -> None:
        allowed = self._allowed(request)
        if allowed is not None:
            if self.exposed:
                allowed["Access-Control-Expose-Headers"] = ",".join(self.exposed)
            headers.update(allowed)

    def _allowed(self, request: ViewerRequest) -> CIMultiDict[str] | None:
        origin = request.headers.get("Origin", "")
        if not origin or not ({"*", origin} & self.origins):
            return None
        every = "*" in self.origins and not self.credentials
        headers = CIMultiDict({"Access-Control-Allow-Origin": "*" if every else origin})
        if self.credentials:
            headers["Access-Control-Allow-Credentials"] = "true"
        return headers

    @classmethod
    def read(cls, fields: Fields | None) -> CorsPolicy | None:
        """Read a policy; maxAge may be a number or a duration. A disabled one is none."""
        if fields is None:
            return None
        policy = cls(
            origins=frozenset(fields.texts("allowOrigins")),
            methods=tuple(fields.texts("allowMethods")),
            headers=tuple(fields.texts("allowHeaders")),
            exposed=tuple(fields.texts("exposeHeaders")),
            credentials=fields.boolean("allowCredentials", False),
            maximum_age_seconds=int(fields.seconds("maxAge", 0)),
        )
        disabled = fields.boolean("disabled", False)
        fields.end()
        return None if disabled else policy
