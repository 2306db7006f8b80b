"""Where to send predictions, read from the stack's outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Target:
    """The URL of the stack's first model, the headers that open it, and the name of its edge ("" without one)."""

    url: str
    headers: dict[str, str]
    edge_host: str = ""

    @classmethod
    def of(cls, outputs: Mapping[str, Any]) -> Target:
        """Read the outputs with their secrets in clear."""
        model = next(iter(outputs["models"].values()))
        keys = outputs["consumerKeys"]
        headers = {"apikey": next(iter(keys.values()))} if keys else {}
        return cls(model["predictUrl"], headers, urlsplit(model["edgeUrl"]).netloc)

    def at(self, edge_proxy: str) -> Target:
        """Return the same model at the local edge, asked by the name that only DNS would lead there."""
        return replace(self, url=edge_proxy + urlsplit(self.url).path, headers={**self.headers, "Host": self.edge_host})
