"""The config of a stack as its files say it, decrypted: what the command line needs without running the program."""

from __future__ import annotations

import contextvars
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import reset_options, set_all_config

from components.shared_cache.arguments import KEY_PREFIX
from local.engine.errors import EngineError
from local.engine.passphrase import passphrase_from_environment
from local.engine.project import Project
from local.engine.state.store import StateStore
from local.engine.yaml_file import read_yaml
from ops.cache_server import CacheServer
from ops.edges import Edge, edge_of
from ops.known_entities import KnownEntities
from settings import Settings, load_settings

_TOKEN = "kong:kongAdminToken"
_DEFAULT_ADMIN_URI = "http://localhost:8001"  # the Kong provider's own


class StackConfigError(Exception):
    """The stack's files cannot be read or decrypted; the text is for a person."""


@dataclass(frozen=True)
class StackConfig:
    """A stack's settings, and how to reach its Kong.

    Usage: ``StackConfig.load(Path("."), "dev")``. The token is ``kong:kongAdminToken``, or the environment's
    KONG_ADMIN_TOKEN. Raises StackConfigError, and SettingsError for the values of our own namespace.
    """

    project: str
    stack: str
    settings: Settings
    admin_uri: str
    admin_token: str | None = field(repr=False)
    tls_verify: bool = True
    salt_line: str | None = field(default=None, repr=False)
    edge: Edge | None = None
    cache_server: CacheServer | None = None
    """The existing server of sharedCache."""
    plain_secrets: tuple[str, ...] = ()
    """Paths of secrets that stand in the stack file in plain text."""

    @classmethod
    def load(cls, project_dir: Path, stack: str) -> StackConfig:
        try:
            project = Project.load(project_dir, stack, passphrase=passphrase_from_environment(), overrides={})
        except EngineError as error:
            raise StackConfigError(str(error)) from error
        config = project.config
        settings = contextvars.copy_context().run(_settings, project, stack)
        return cls(
            project=project.name,
            stack=stack,
            settings=settings,
            admin_uri=config.get("kong:kongAdminUri", _DEFAULT_ADMIN_URI),
            admin_token=config.get(_TOKEN) or os.environ.get("KONG_ADMIN_TOKEN") or None,
            tls_verify=config.get("kong:tlsSkipVerify") != "true",
            salt_line=project.salt_line,
            edge=edge_of(settings.edge.provider, config),
            cache_server=_cache_server(settings, stack),
            plain_secrets=tuple(_plain_secrets(project.name, project_dir / f"Pulumi.{stack}.yaml")),
        )

    def known_entities(self, state_dir: Path) -> KnownEntities | None:
        """What the embedded engine's state knows; None when it has none for this stack.

        Raises StackConfigError when the state cannot be read.
        """
        path = state_dir / self.project / f"{self.stack}.json"
        if not path.exists():
            return None
        try:
            store = StateStore.load(
                path, passphrase=passphrase_from_environment(), salt_line=self.salt_line, key_file=state_dir / "key"
            )
        except EngineError as error:
            raise StackConfigError(str(error)) from error
        return KnownEntities.of(store)


def _plain_secrets(project: str, stack_file: Path) -> Iterator[str]:
    """The program cannot see these: one encrypted key marks all consumers secret, and the token is the provider's."""
    config = read_yaml(stack_file, if_missing="").get("config") or {}
    if isinstance(config.get(_TOKEN), str):
        yield _TOKEN
    for path, secret in _places(project, config):
        if isinstance(secret, str):
            yield path


def _places(project: str, config: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Where a secret of ours can stand, and what stands there."""
    consumers = config.get(f"{project}:consumers")
    for index, consumer in enumerate(consumers if isinstance(consumers, list) else ()):
        yield f"{project}:consumers[{index}].key", consumer.get("key") if isinstance(consumer, dict) else None
    cache = config.get(f"{project}:sharedCache")
    if isinstance(cache, dict):
        yield f"{project}:sharedCache.password", cache.get("password")
    edge = config.get(f"{project}:edge")
    authentication = edge.get("authentication") if isinstance(edge, dict) else None
    secrets = authentication.get("secrets") if isinstance(authentication, dict) else None
    for index, secret in enumerate(secrets if isinstance(secrets, list) else ()):
        yield f"{project}:edge.authentication.secrets[{index}]", secret


def _cache_server(settings: Settings, stack: str) -> CacheServer | None:
    cache = settings.shared_cache
    if cache is None or cache.url is None:
        return None
    password = cache.password.get_secret_value() if cache.password else None
    return CacheServer.of_url(cache.url, cache.username, password, f"{KEY_PREFIX}:{stack}")


def _settings(project: Project, stack: str) -> Settings:
    reset_options(project=project.name, stack=stack)
    set_all_config(project.config, project.secret_keys)
    return load_settings(pulumi.Config())
