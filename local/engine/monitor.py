"""The two services that the SDK calls, as plain objects: the resource monitor and the engine (log)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from google.protobuf import empty_pb2
from pulumi.runtime.proto import callback_pb2, engine_pb2
from pulumi.runtime.proto import resource_pb2 as rpc

from local.engine.deployment import Deployment
from local.engine.errors import EngineError
from local.engine.transforms import Transforms
from local.engine.values import from_struct, to_struct

_FEATURES = [
    rpc.RESOURCE_MONITOR_FEATURE_SECRETS,
    rpc.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    rpc.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    rpc.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    rpc.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    rpc.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    rpc.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
]
_SEVERITIES = {
    engine_pb2.DEBUG: "debug",
    engine_pb2.INFO: "info",
    engine_pb2.WARNING: "warning",
    engine_pb2.ERROR: "error",
}


class ResourceMonitor:
    """Hands registrations to a deployment; the SDK calls it from its worker threads.

    Usage: ``Settings(monitor=ResourceMonitor(deployment), ...)``. An RPC that it does not know fails the deployment.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._transforms = Transforms()
        self._stack_transforms: list[callback_pb2.Callback] = []

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_: self._refuse(f"the SDK call {name}")

    def GetDeploymentInfo(self, _: Any) -> rpc.DeploymentInfo:  # noqa: N802
        """Which features the SDK may use."""
        deployment = self._deployment
        return rpc.DeploymentInfo(
            project=deployment.project,
            stack=deployment.stack,
            dryRun=deployment.preview,
            supportedFeatures=_FEATURES,
        )

    def RegisterResource(self, request: rpc.RegisterResourceRequest) -> rpc.RegisterResourceResponse:  # noqa: N802
        """Deploy one resource."""
        with self._deployment.guard.part(request.name):
            self._transforms.apply(request, [*request.transforms, *self._stack_transforms])
        state = self._deployment.register(request)
        return rpc.RegisterResourceResponse(urn=state.urn, id=state.id, object=to_struct(state.outputs))

    def RegisterResourceOutputs(self, request: rpc.RegisterResourceOutputsRequest) -> empty_pb2.Empty:  # noqa: N802
        """Keep the outputs of a component or of the stack."""
        self._deployment.register_outputs(request.urn, from_struct(request.outputs))
        return empty_pb2.Empty()

    def RegisterStackTransform(self, callback: callback_pb2.Callback) -> empty_pb2.Empty:  # noqa: N802
        """Keep a transform for all later registrations."""
        self._stack_transforms.append(callback)
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, _: Any) -> empty_pb2.Empty:  # noqa: N802
        """The program is through; nothing calls back after it."""
        self._transforms.close()
        return empty_pb2.Empty()

    def ReadResource(self, request: rpc.ReadResourceRequest) -> NoReturn:  # noqa: N802
        """Refused: `.get()` and stack references."""
        what = "StackReference" if request.type == "pulumi:pulumi:StackReference" else f".get() of {request.type}"
        self._refuse(f"{what} ({request.name})")

    def Invoke(self, request: rpc.ResourceInvokeRequest) -> NoReturn:  # noqa: N802
        """Refused: functions of providers."""
        self._refuse(f"the provider function {request.tok}")

    def _refuse(self, what: str) -> NoReturn:
        message = f"the embedded engine does not support {what}; deploy this stack with the pulumi CLI"
        with self._deployment.guard.part(""):
            raise EngineError(message)
        raise AssertionError


class EngineLog:
    """The engine service: takes the program's log messages. Usage: ``Settings(engine=EngineLog(deployment), ...)``."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:  # noqa: N802
        """Report a message."""
        if request.severity != engine_pb2.DEBUG:
            self._deployment.guard.log(request.message, _SEVERITIES.get(request.severity, "info"))
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, _: Any) -> empty_pb2.Empty:  # noqa: N802
        """There is no CLI whose version could be wrong."""
        return empty_pb2.Empty()
