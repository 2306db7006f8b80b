"""What is deployed for one model, read from the state of the engine that deployed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.gateway.cached_route import KongCachedRoute
from components.shared_cache.shared_cache import SharedCache
from local.deploy import engine_name, open_engine
from ops.cache_server import CacheServer

_SECRET_TYPE = "random:index/randomBytes:RandomBytes"
_SECRET_NAME = "-key-secret"


@dataclass(frozen=True)
class DeployedRoute:
    """A model's route as the gateway has it; `secret` is the one in its keys, "" when nothing is cached.

    Usage: ``DeployedRoute.find(Path("."), Path(".state"), "dev", "digits")`` gives None when the model is not deployed.
    Raises EngineError when the state cannot be read.
    """

    generation: int
    store: str
    edition: str
    shareable: bool
    profile: str
    exclude_fields: tuple[str, ...]
    secret: str = field(repr=False)
    server: CacheServer | None = None

    @property
    def searchable(self) -> CacheServer | None:
        """The shared cache, if the names in it are ours: those of Enterprise's plugin say nothing of the question."""
        return self.server if self.store == "redis" and self.edition != "enterprise" else None

    @classmethod
    def find(cls, project_dir: Path, state_dir: Path, stack: str, model: str) -> DeployedRoute | None:
        noted, kept = (state_dir / f"{stack}.engine").exists(), any(state_dir.glob(f"*/{stack}.json"))
        if not noted and not kept:
            return None
        engine = open_engine(engine_name(stack, state_dir), stack, state_dir, project_dir=project_dir)
        resources = engine.resources()
        routes = [item for item in resources if item["type"] == KongCachedRoute.TYPE]
        route = next((item for item in routes if item["inputs"].get("model") == model), None)
        return cls._of(route, resources) if route else None

    @classmethod
    def _of(cls, route: Mapping[str, Any], resources: list[dict[str, Any]]) -> DeployedRoute:
        cache = route["inputs"].get("cache") or {}
        redis = route["inputs"].get("redis")
        secrets = [
            item["outputs"].get("base64", "")
            for item in resources
            if item["parent"] == route["urn"] and item["type"] == _SECRET_TYPE and item["urn"].endswith(_SECRET_NAME)
        ]
        return cls(
            generation=int(route["outputs"].get("keyGeneration") or cache.get("generation") or 1),
            store=cache.get("store") or "proxy-cache",
            edition=route["inputs"].get("kongEdition") or "community",
            shareable=bool(cache.get("shareable")),
            profile=cache.get("profile") or "classic",
            exclude_fields=tuple(cache.get("excludeFields") or ()),
            secret=secrets[0] if secrets else "",
            server=CacheServer.of_inputs(redis, _ca_certificates(resources)) if redis else None,
        )


def _ca_certificates(resources: list[dict[str, Any]]) -> list[str]:
    made = (item["outputs"] for item in resources if item["type"] == SharedCache.TYPE)
    return next((outputs.get("caCertificates") or [] for outputs in made), [])
