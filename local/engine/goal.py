"""What the program wants one resource to be, read from its registration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from pulumi.runtime.proto import resource_pb2

from local.engine.errors import EngineError
from local.engine.urns import PROVIDER_PREFIX, alias_urns, make_urn
from local.engine.values import Properties, from_struct, mask

_REFUSED = {
    "importId": "import_",
    "deletedWith": "deleted_with",
    "replace_with": "replace_with",
    "replacement_trigger": "replacement_trigger",
    "hooks": "hooks",
    "state_migrations": "state_migrations",
    "remote": "remote components",
    "packageRef": "parameterized packages",
}


@dataclass(frozen=True)
class Goal:
    """One registered resource: identity, inputs, edges and options. Usage: ``Goal.from_request(...)``."""

    urn: str
    type: str
    name: str
    custom: bool
    parent: str
    provider: str
    inputs: Properties
    dependencies: list[str]
    property_dependencies: dict[str, list[str]]
    protect: bool
    retain_on_delete: bool
    delete_before_replace: bool | None
    replace_on_changes: list[str]
    ignore_changes: list[str]
    additional_secret_outputs: list[str]
    alias_urns: list[str]
    declared_aliases: list[Any]

    @classmethod
    def from_request(
        cls,
        request: resource_pb2.RegisterResourceRequest,
        *,
        stack: str,
        project: str,
        parent: Goal | None,
        renamed: dict[str, str],
    ) -> Goal:
        """Raises EngineError for an option that this engine does not support."""
        urn = make_urn(stack, project, request.parent, request.type, request.name)
        # The SDK always sends an empty message of hooks.
        set_fields = {field.name for field, value in request.ListFields() if field.name != "hooks" or value.ByteSize()}
        refused = sorted(option for field, option in _REFUSED.items() if field in set_fields)
        if refused:
            raise EngineError(
                f"{urn}: the embedded engine does not support {', '.join(refused)}; "
                "deploy this stack with the pulumi CLI"
            )
        return cls(
            urn=urn,
            type=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            provider=request.provider,
            inputs={key: value for key, value in from_struct(request.object).items() if value is not None},
            dependencies=sorted(set(request.dependencies)),
            property_dependencies={
                key: sorted(deps.urns) for key, deps in sorted(request.propertyDependencies.items())
            },
            protect=request.protect if request.HasField("protect") else parent is not None and parent.protect,
            retain_on_delete=(
                request.retainOnDelete
                if request.HasField("retainOnDelete")
                else parent is not None and parent.retain_on_delete
            ),
            delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
            replace_on_changes=list(request.replaceOnChanges),
            ignore_changes=list(request.ignoreChanges),
            additional_secret_outputs=sorted(set(request.additionalSecretOutputs)),
            alias_urns=[
                alias
                for alias in alias_urns(
                    request.aliases,
                    stack=stack,
                    project=project,
                    parent_urn=request.parent,
                    type_=request.type,
                    name=request.name,
                    renamed=renamed,
                )
                if alias != urn
            ],
            declared_aliases=[
                alias.urn if alias.WhichOneof("alias") == "urn" else _set_fields(json_format.MessageToDict(alias.spec))
                for alias in request.aliases
            ],
        )

    @property
    def is_provider(self) -> bool:
        """Whether this is an explicit provider resource."""
        return self.type.startswith(PROVIDER_PREFIX)

    @property
    def package(self) -> str:
        """The provider package: ``kong`` of ``kong:index/service:Service``."""
        return self.type.removeprefix(PROVIDER_PREFIX).split(":")[0]

    def describe(self, show_secrets: bool) -> dict[str, Any]:
        """The entry of this resource in ``Result.graph``."""
        return {
            "urn": self.urn,
            "type": self.type,
            "custom": self.custom,
            "parent": self.parent,
            "inputs": dict(sorted(mask(self.inputs, show_secrets).items())),
            "dependencies": self.dependencies,
            "propertyDependencies": self.property_dependencies,
            "options": {
                "protect": self.protect,
                "deleteBeforeReplace": bool(self.delete_before_replace),
                "replaceOnChanges": self.replace_on_changes,
                "additionalSecretOutputs": self.additional_secret_outputs,
                "ignoreChanges": self.ignore_changes,
                "aliases": self.declared_aliases,
            },
        }


def _set_fields(spec: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in spec.items() if value}
