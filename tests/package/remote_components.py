"""Components of a plugin in the embedded engine: what the real engine does for programs in other languages."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pulumi
from pulumi.runtime import settings
from pulumi.runtime.proto import (
    errors_pb2,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
    status_pb2,
)

import components
from components.camel_case import camel_case
from local.engine.errors import EngineError

_SETTINGS: Any = settings.SETTINGS  # its attributes are context variables
_FORWARDED = ("GetDeploymentInfo", "RegisterResource", "RegisterResourceOutputs", "RegisterStackTransform")
_WORKERS = 32  # each registration waits in a thread of its own


class RemoteComponent(pulumi.ComponentResource):
    """A component as the SDKs of other languages register it: by its token, with names in camelCase.

    Usage: ``RemoteComponent("inference-edge:index:KongConsumer", "web", {"consumer": "web", "groups": {}}).key``.
    """

    def __init__(
        self, token: str, name: str, properties: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        kind = getattr(components, token.rpartition(":")[2])
        outputs = camel_case(dict.fromkeys(kind.__annotations__))
        super().__init__(token, name, {**outputs, **properties}, opts, remote=True)


class _MonitorServer(resource_pb2_grpc.ResourceMonitorServicer):
    """A monitor by gRPC, for the children that the plugin registers."""

    def __init__(self, monitor: Any) -> None:
        for name in _FORWARDED:
            setattr(self, name, _answer(getattr(monitor, name)))


def _answer(method: Callable[[Any], Any]) -> Callable[[Any, grpc.ServicerContext], Any]:
    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(request)
        except EngineError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))

    return answer


class _Monitor:
    """The engine's monitor, but the plugin constructs what is remote."""

    def __init__(self, monitor: Any, plugin: provider_pb2_grpc.ResourceProviderStub, address: str) -> None:
        self._monitor, self._plugin, self._address = monitor, plugin, address

    def __getattr__(self, name: str) -> Any:
        return getattr(self._monitor, name)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        if not request.remote:
            return self._monitor.RegisterResource(request)
        try:
            made = self._plugin.Construct(construct_request(request, self._address), timeout=60)
        except grpc.RpcError as error:
            raise EngineError(f"{request.name}: {reason(error)}") from None
        dependencies = {
            name: resource_pb2.RegisterResourceResponse.PropertyDependencies(urns=found.urns)
            for name, found in made.stateDependencies.items()
        }
        return resource_pb2.RegisterResourceResponse(urn=made.urn, object=made.state, propertyDependencies=dependencies)


def reason(error: Any) -> str:
    """What the engine says of a failed Construct: the wrong properties, or else the message."""
    wrong = errors_pb2.InputPropertiesError()
    for name, value in error.trailing_metadata():
        if name == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                detail.Unpack(wrong)
    return "\n".join([error.details(), *(f"property {item.property_path}: {item.reason}" for item in wrong.errors)])


def construct_request(request: Any, monitor_address: str) -> provider_pb2.ConstructRequest:
    """What the engine asks of the plugin for the registration of a remote component."""
    return provider_pb2.ConstructRequest(
        project=_SETTINGS.project,
        stack=_SETTINGS.stack,
        dryRun=_SETTINGS.dry_run,
        parallel=_WORKERS,
        monitorEndpoint=monitor_address,
        type=request.type,
        name=request.name,
        parent=request.parent,
        inputs=request.object,
        inputDependencies={
            name: provider_pb2.ConstructRequest.PropertyDependencies(urns=found.urns)
            for name, found in request.propertyDependencies.items()
        },
        aliases=request.aliases,
        dependencies=request.dependencies,
        protect=request.protect,
        providers=request.providers,
        organization="organization",
        accepts_output_values=True,
    )


@contextlib.contextmanager
def remote_components(plugin: provider_pb2_grpc.ResourceProviderStub) -> Iterator[Callable[[], None]]:
    """Gives what a program of the embedded engine calls first, so that it can have remote components."""
    servers: list[grpc.Server] = []

    def install() -> None:
        monitor = _SETTINGS.monitor
        server = grpc.server(ThreadPoolExecutor(_WORKERS))
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(_MonitorServer(monitor), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        _SETTINGS.monitor = _Monitor(monitor, plugin, f"127.0.0.1:{port}")
        # As with the real engine, outputs deep inside an input of a component stay outputs.
        _SETTINGS.monitor_features = {*_SETTINGS.monitor_features, resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES}

    try:
        yield install
    finally:
        for server in servers:
            server.stop(grace=None).wait()
