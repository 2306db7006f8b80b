"""Where to send predictions, read from the stack's outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Target:
    """The URL of a model of the stack, the headers that open it, and the name of its edge ("" without one)."""

    url: str
    headers: dict[str, str]
    edge_host: str = ""

    @classmethod
    def of(cls, outputs: Mapping[str, Any]) -> Target:
        """Read the outputs with their secrets in clear."""
        return next(iter(cls.each(outputs).values()))

    @classmethod
    def each(cls, outputs: Mapping[str, Any]) -> dict[str, Target]:
        """Read the same of every model, by its name."""
        keys = outputs["consumerKeys"]
        headers = {"apikey": next(iter(keys.values()))} if keys else {}
        return {
            name: cls(model["predictUrl"], headers, urlsplit(model["edgeUrl"]).netloc)
            for name, model in outputs["models"].items()
        }

    def at_node(self, proxy: str) -> Target:
        """Return the same model at another gateway node, asked by the first one's name, which is part of the key.

        A load balancer in front of the nodes passes on one name, too.
        """
        parts = urlsplit(self.url)
        return replace(self, url=proxy + parts.path, headers={**self.headers, "Host": parts.netloc})

    def at(self, edge_proxy: str) -> Target:
        """Return the same model at the local edge, asked by the name that only DNS would lead there."""
        return replace(self, url=edge_proxy + urlsplit(self.url).path, headers={**self.headers, "Host": self.edge_host})
