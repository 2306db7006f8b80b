"""Path templates: `/{model=*}/predict`, `/static/**`, and what a rewrite makes of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local.edge.fields import ConfigurationError

_PIECE = re.compile(r"\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(=(?P<of>[^{}]*))?\}|(?P<stars>\*\*?)|(?P<text>[^{}*]+)")
_MAXIMUM_OPERATORS = 5


@dataclass(frozen=True)
class PathTemplate:
    """A compiled template; `values` gives the named parts of a path, None when it does not match.

    `*` stands for one segment or the rest of one, `**` for anything to the end, `{name=...}` names what its template
    stands for. Source: External Application Load Balancer, "URL maps overview" (wildcards and pattern operators in path
    templates); Media CDN, "Configure service routes".
    """

    expression: re.Pattern[str]

    @classmethod
    def parse(cls, template: str) -> PathTemplate:
        expression, operators = _expression(template)
        if not template.startswith("/") or operators > _MAXIMUM_OPERATORS:
            raise ConfigurationError(
                f"the path template '{template}' must start with / and have at most {_MAXIMUM_OPERATORS} operators"
            )
        return cls(re.compile(expression))

    def values(self, path: str) -> dict[str, str] | None:
        found = self.expression.fullmatch(path)
        return found.groupdict() if found else None


def rewritten(template: str, values: dict[str, str]) -> str:
    """Return a rewrite's template with `{name}` filled in."""
    return re.sub(r"\{([A-Za-z_][A-Za-z0-9_]*)\}", lambda found: values.get(found[1], ""), template)


def _expression(template: str) -> tuple[str, int]:
    made, operators, place = "", 0, 0
    while place < len(template):
        found = _PIECE.match(template, place)
        if found is None:
            raise ConfigurationError(f"the path template '{template}' cannot be read from '{template[place:]}' on")
        if found["name"]:
            inner, count = _expression(found["of"] or "*")
            made, operators = f"{made}(?P<{found['name']}>{inner})", operators + max(count, 1)
        elif found["stars"]:
            made, operators = made + (".*" if found["stars"] == "**" else "[^/]+"), operators + 1
        else:
            made += re.escape(found["text"])
        place = found.end()
    return made, operators
