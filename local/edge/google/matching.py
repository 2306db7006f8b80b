"""Which requests a route rule is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from local.edge.fields import Fields
from local.edge.google.path_template import PathTemplate
from local.edge.viewer_request import ViewerRequest, query_parts

Test = Callable[[str], bool]


@dataclass(frozen=True)
class MatchRule:
    """One matchRule: everything in it must hold; a rule with several is for requests that one of them fits.

    Paths and parameters count as the viewer sent them, nothing decoded. Header values of several lines are joined by
    commas. `:method` and `:authority` are the method and the host (`pseudo_headers`: where that is documented). Ranges,
    regular expressions and metadata filters are refused. Sources: External Application Load Balancer, "URL maps
    overview"; Media CDN, "Configure service routes"; the API references of both.
    """

    path: Test
    prefix: str = ""
    template: PathTemplate | None = None
    headers: tuple[tuple[str, Test | None, bool], ...] = ()
    parameters: tuple[tuple[str, str | None], ...] = ()

    def matches(self, request: ViewerRequest) -> bool:
        return self.path(request.path) and self._headers_match(request) and self._parameters_match(request)

    def _headers_match(self, request: ViewerRequest) -> bool:
        for name, test, inverted in self.headers:
            value = _header(request, name)
            found = value is not None and (test is None or test(value))
            if found == inverted:
                return False
        return True

    def _parameters_match(self, request: ViewerRequest) -> bool:
        given: dict[str, str] = {}
        for name, value, _ in query_parts(request.query):
            given.setdefault(name, value)
        return all(name in given and (wanted is None or given[name] == wanted) for name, wanted in self.parameters)

    @classmethod
    def read(cls, fields: Fields, pseudo_headers: bool) -> MatchRule:
        ignores_case = fields.boolean("ignoreCase", False)
        prefix, full = fields.text("prefixMatch", ""), fields.text("fullPathMatch", "")
        template = fields.text("pathTemplateMatch", "")
        if sum(map(bool, (prefix, full, template))) != 1:
            raise fields.error("needs one of prefixMatch, fullPathMatch and pathTemplateMatch")
        parsed = PathTemplate.parse(template) if template else None
        rule = cls(
            path=_path_test(prefix, full, parsed, ignores_case),
            prefix=prefix,
            template=parsed,
            headers=tuple(_header_match(one, pseudo_headers) for one in fields.children("headerMatches")),
            parameters=tuple(_parameter_match(one) for one in fields.children("queryParameterMatches")),
        )
        fields.end()
        return rule


def _path_test(prefix: str, full: str, template: PathTemplate | None, ignores_case: bool) -> Test:
    if template is not None:
        return lambda path: template.values(path) is not None
    wanted = (prefix or full).lower() if ignores_case else prefix or full

    def test(path: str) -> bool:
        given = path.lower() if ignores_case else path
        return given.startswith(wanted) if prefix else given == wanted

    return test


def _header(request: ViewerRequest, name: str) -> str | None:
    if name == ":method":
        return request.method
    if name == ":authority":
        return request.host
    values = request.headers.getall(name, [])
    return ",".join(values) if values else None


def _header_match(fields: Fields, pseudo_headers: bool) -> tuple[str, Test | None, bool]:
    name = fields.text("headerName").lower()
    if name.startswith(":") and (not pseudo_headers or name not in (":method", ":authority")):
        raise fields.error(f"matches {name}, which is not documented")
    exact, prefix, suffix = (fields.text(f"{kind}Match", "") for kind in ("exact", "prefix", "suffix"))
    present, inverted = fields.boolean("presentMatch", False), fields.boolean("invertMatch", False)
    fields.end()
    if sum(map(bool, (exact, prefix, suffix, present))) != 1:
        raise fields.error("needs one of exactMatch, prefixMatch, suffixMatch and presentMatch")
    test: Test | None = None
    if exact:
        test = exact.__eq__
    elif prefix:
        test = lambda value: value.startswith(prefix)  # noqa: E731
    elif suffix:
        test = lambda value: value.endswith(suffix)  # noqa: E731
    return name, test, inverted


def _parameter_match(fields: Fields) -> tuple[str, str | None]:
    name, exact, present = fields.text("name"), fields.text("exactMatch", ""), fields.boolean("presentMatch", False)
    fields.end()
    if bool(exact) == present:
        raise fields.error("needs one of exactMatch and presentMatch")
    return name, exact or None
