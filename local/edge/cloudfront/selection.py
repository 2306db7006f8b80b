"""Which query strings, cookies or headers a policy takes from the viewer's request."""

from __future__ import annotations

from dataclasses import dataclass

from local.edge.fields import Fields


@dataclass(frozen=True)
class Selection:
    """Which names are taken: behaviour none, whitelist, allExcept or all (headers: allViewer), and the names it lists.

    Names of query strings and cookies count in their case, header names (given in lower case) in any.
    Source: CloudFront Developer Guide, "Understand cache policies" and "Understand origin request policies".
    """

    behaviour: str
    names: frozenset[str] = frozenset()

    def takes(self, name: str) -> bool:
        if self.behaviour == "whitelist":
            return name in self.names
        if self.behaviour == "allExcept":
            return name not in self.names
        return self.behaviour in ("all", "allViewer")

    def __bool__(self) -> bool:
        return self.behaviour != "none"

    @classmethod
    def read(cls, parent: Fields, kind: str, choices: tuple[str, ...]) -> Selection:
        """Read `<kind>sConfig` of a policy; kind is queryString, cookie or header."""
        fields = parent.child(f"{kind}sConfig", required=True)
        assert fields is not None
        default = "none" if kind == "header" else None
        behaviour = fields.text(f"{kind}Behavior", default, choices)
        listed = fields.child(f"{kind}s")
        names = listed.texts("items") if listed else []
        if listed:
            listed.end()
        fields.end()
        if bool(names) != (behaviour in ("whitelist", "allExcept")):
            raise fields.error(f"lists {len(names)} names with the behaviour {behaviour}")
        if len(names) > 10:
            raise fields.error(f"lists {len(names)} names; the quota is 10")
        if kind == "header":
            names = [name.lower() for name in names]
            made = [name for name in names if name.startswith("cloudfront-")]
            if made:
                raise fields.error(f"has {', '.join(made)}: the local edge does not make CloudFront-* headers")
        return cls(behaviour, frozenset(names))
