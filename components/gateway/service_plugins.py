"""The plugins of one Kong service."""

from collections.abc import Sequence
from typing import Any, Optional

import pulumi
import pulumi_kong as kong

from . import plugins


class ServicePlugins:
    """Makes the plugins of a service; `made` has them in order.

        on_service = ServicePlugins("digits", service, tags, parent=component)
        on_service.add("prometheus", plugins.prometheus())

    Their names begin with `name`.
    """

    def __init__(self, name: str, service: kong.Service, tags: Sequence[str], *, parent: pulumi.Resource) -> None:
        self._name, self._service, self._tags, self._parent = name, service, [*tags], parent
        self.made: list[kong.Plugin] = []

    def add(
        self, plugin: str, config: Any, depends_on: Optional[list[kong.Plugin]] = None, *, secret: bool = False
    ) -> kong.Plugin:
        """A plugin with its complete configuration, after those that it relies on; `secret` when its config is one."""
        made = kong.Plugin(
            f"{self._name}-{plugin}",
            name=plugin,
            service_id=self._service.id,
            enabled=True,
            config_json=pulumi.Output.from_input(config).apply(plugins.canonical_json),
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self._parent,
                depends_on=depends_on,
                # The provider repeats the whole config there, in clear.
                additional_secret_outputs=["computedConfig"] if secret else None,
            ),
        )
        self.made.append(made)
        return made
