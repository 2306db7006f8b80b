"""URL redirects and rewrites of route rules."""

from __future__ import annotations

from dataclasses import dataclass

from local.edge.fields import Fields
from local.edge.google.matching import MatchRule
from local.edge.google.path_template import rewritten
from local.edge.viewer_request import ViewerRequest

_CODES = {
    "MOVED_PERMANENTLY_DEFAULT": 301,
    "FOUND": 302,
    "SEE_OTHER": 303,
    "TEMPORARY_REDIRECT": 307,
    "PERMANENT_REDIRECT": 308,
}


@dataclass(frozen=True)
class UrlRedirect:
    """A urlRedirect. The local edge stands for the TLS side: what it redirects to is https.

    Source: API references of URL maps (HttpRedirectAction) and EdgeCacheService (UrlRedirect).
    """

    status: int
    host: str
    path: str
    prefix: str
    strips_query: bool

    def location(self, request: ViewerRequest, rule: MatchRule | None) -> str:
        path = self.path or request.path
        if self.prefix:
            path = self.prefix + request.path.removeprefix(rule.prefix if rule else "")
        query = "" if self.strips_query or request.query is None else f"?{request.query}"
        return f"https://{self.host or request.host}{path}{query}"

    @classmethod
    def read(cls, fields: Fields | None) -> UrlRedirect | None:
        if fields is None:
            return None
        fields.without_effect("httpsRedirect")
        code = fields.text("redirectResponseCode", "MOVED_PERMANENTLY_DEFAULT", _CODES)
        redirect = cls(
            status=_CODES[code],
            host=fields.text("hostRedirect", ""),
            path=fields.text("pathRedirect", ""),
            prefix=fields.text("prefixRedirect", ""),
            strips_query=fields.boolean("stripQuery", False),
        )
        fields.end()
        return redirect


@dataclass(frozen=True)
class UrlRewrite:
    """A urlRewrite: host and path for the origin; regular expressions are refused."""

    host: str = ""
    prefix: str = ""
    template: str = ""

    def path(self, path: str, rule: MatchRule | None) -> str:
        """Return the path for the origin; rule: the matchRule that the request fits."""
        if self.template and rule is not None and rule.template is not None:
            return rewritten(self.template, rule.template.values(path) or {})
        if self.prefix:
            return self.prefix + path.removeprefix(rule.prefix if rule else "")
        return path

    @classmethod
    def read(cls, fields: Fields | None) -> UrlRewrite:
        if fields is None:
            return cls()
        rewrite = cls(
            host=fields.text("hostRewrite", ""),
            prefix=fields.text("pathPrefixRewrite", ""),
            template=fields.text("pathTemplateRewrite", ""),
        )
        fields.end()
        return rewrite
