"""Which provider instance serves a resource: the stack's default one of its package, or an explicit one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import TracebackType

from local.engine.errors import ProviderError
from local.engine.providers.aws.provider import AwsProvider
from local.engine.providers.base import Provider
from local.engine.providers.gcp.provider import GcpProvider
from local.engine.providers.kong.provider import KongProvider
from local.engine.providers.random import RandomProvider
from local.engine.values import Properties, reveal

Factory = Callable[[Properties], Provider]

FACTORIES: Mapping[str, Factory] = {
    "aws": AwsProvider.configure,
    "gcp": GcpProvider.configure,
    "kong": KongProvider.configure,
    "random": lambda _: RandomProvider(),
}


class ProviderRegistry:
    """Makes each provider once, when it is first needed.

    Usage: ``with ProviderRegistry(config) as registry: registry.get("kong", provider_urn, inputs)``; an empty
    `provider_urn` is the default provider, which takes its settings from the stack config (``kong:kongAdminUri``).
    Raises ProviderError for a package that this engine does not have and for settings that the provider refuses.
    """

    def __init__(self, config: Mapping[str, str], factories: Mapping[str, Factory] = FACTORIES) -> None:
        self._config, self._factories = config, factories
        self._providers: dict[tuple[str, str], Provider] = {}
        self._lock = threading.Lock()

    def get(self, package: str, provider_urn: str, inputs: Properties) -> Provider:
        """The provider of a package; `inputs` are those of the explicit provider resource."""
        with self._lock:
            provider = self._providers.get((package, provider_urn))
            if provider is None:
                provider = self._make(package, reveal(inputs) if provider_urn else self._defaults(package))
                self._providers[package, provider_urn] = provider
            return provider

    def configure(self, package: str, provider_urn: str, inputs: Properties) -> None:
        """Make the provider of an explicit provider resource anew; it may have other settings than in the state."""
        with self._lock:
            provider = self._make(package, reveal(inputs))
            if old := self._providers.get((package, provider_urn)):
                old.close()
            self._providers[package, provider_urn] = provider

    def __enter__(self) -> ProviderRegistry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for provider in self._providers.values():
            provider.close()

    def _make(self, package: str, settings: Properties) -> Provider:
        if package not in self._factories:
            raise ProviderError(
                f"the embedded engine has no provider {package}, only {', '.join(sorted(self._factories))}; "
                "deploy this stack with the pulumi CLI"
            )
        return self._factories[package](settings)

    def _defaults(self, package: str) -> Properties:
        prefix = f"{package}:"
        return {key.removeprefix(prefix): value for key, value in self._config.items() if key.startswith(prefix)}
