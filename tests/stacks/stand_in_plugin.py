"""The stand-in for a cloud as a plugin of the real engine, which reaches it by gRPC."""

from __future__ import annotations

import importlib.metadata
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from local.engine.providers.base import Provider
from local.engine.providers.registry import FACTORIES
from local.engine.values import from_struct, reveal, to_struct

_WORKERS = 8


class StandInPlugin(provider_pb2_grpc.ResourceProviderServicer):
    """Serves previews of new stacks; any other call is answered with UNIMPLEMENTED.

    Usage: ``with StandInPlugin("gcp") as plugin: run(["pulumi", "preview"], env={**os.environ,
    "PULUMI_DEBUG_PROVIDERS": plugin.address})``. The engine takes several addresses with commas between them.
    """

    def __init__(self, package: str) -> None:
        self._package = package
        self._configured: Provider | None = None
        self._server = grpc.server(ThreadPoolExecutor(_WORKERS, thread_name_prefix=f"{package}-plugin"))
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(self, self._server)
        self._port = self._server.add_insecure_port("127.0.0.1:0")

    def __enter__(self) -> StandInPlugin:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(grace=None).wait()

    @property
    def address(self) -> str:
        """What makes the engine use this plugin; it installs none."""
        return f"{self._package}:{self._port}"

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version=importlib.metadata.version(f"pulumi-{self._package}"))

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._configured = FACTORIES[self._package](reveal(from_struct(request.args)))
        return provider_pb2.ConfigureResponse(supportsPreview=True, acceptSecrets=True)

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Inputs with the automatic name, listed as a default as the plugins of the bridge do."""
        given = from_struct(request.news)
        checked = self._provider.check(request.type, request.name, reveal(given), {})
        named = {name: value for name, value in checked.items() if name not in given}
        return provider_pb2.CheckResponse(inputs=to_struct({**given, **named, "__defaults": sorted(named)}))

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The outputs of a preview; there is no id yet."""
        assert request.preview, "the stand-in makes nothing for the real engine"
        inputs = from_struct(request.properties)
        inputs.pop("__defaults", None)
        outputs = self._provider.planned_outputs(request.type, reveal(inputs), {})
        return provider_pb2.CreateResponse(properties=to_struct({**outputs, **inputs}))

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    @property
    def _provider(self) -> Provider:
        assert self._configured, "not configured"
        return self._configured
