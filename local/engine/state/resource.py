"""The state of one resource."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from local.engine.urns import PROVIDER_PREFIX, name_of
from local.engine.values import Properties


@dataclass
class ResourceState:
    """A deployed resource: what was asked (`inputs`), what it is (`outputs`), and on whom it depends.

    `condemned`: a replacement exists, this one waits for its deletion.
    `dirty`: its last update was cut off or failed, so the next deployment sends it again.
    """

    urn: str
    type: str
    custom: bool
    id: str = ""
    parent: str = ""
    provider: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    protect: bool = False
    retain_on_delete: bool = False
    replace_on_changes: list[str] = field(default_factory=list)
    additional_secret_outputs: list[str] = field(default_factory=list)
    condemned: bool = False
    dirty: bool = False

    @property
    def name(self) -> str:
        """The logical name."""
        return name_of(self.urn)

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the other resources of a state; a condemned one shares its URN with its successor."""
        return (self.urn, self.id if self.condemned else "")

    @property
    def is_provider(self) -> bool:
        """Whether this is an explicit provider resource."""
        return self.type.startswith(PROVIDER_PREFIX)

    @property
    def package(self) -> str:
        """The provider package: ``kong`` of ``kong:index/service:Service``."""
        return self.type.removeprefix(PROVIDER_PREFIX).split(":")[0]

    @property
    def needs(self) -> set[str]:
        """URNs that must exist as long as this resource does."""
        provider = self.provider.rpartition("::")[0]
        return {urn for urn in (self.parent, provider, *self.dependencies) if urn}

    def rename(self, old_urn: str, new_urn: str) -> None:
        """Follow another resource (or this one) to its new URN."""

        def swap(urn: str) -> str:
            return new_urn if urn == old_urn else urn

        self.urn, self.parent = swap(self.urn), swap(self.parent)
        provider, _, provider_id = self.provider.rpartition("::")
        self.provider = f"{swap(provider)}::{provider_id}" if provider else ""
        self.dependencies = [swap(urn) for urn in self.dependencies]
        self.property_dependencies = {
            name: [swap(urn) for urn in urns] for name, urns in self.property_dependencies.items()
        }

    def to_record(self) -> dict[str, Any]:
        """A dict of the fields that differ from their defaults."""
        record = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in record.items() if value or name in ("urn", "type", "custom")}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> ResourceState:
        """Raises TypeError or KeyError for a record of another shape."""
        state = cls(**record)
        if not isinstance(state.urn, str) or state.urn.count("::") < 3:
            raise TypeError(f"not a URN: {state.urn!r}")
        return state
