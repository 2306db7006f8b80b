"""Transforms: the program's callbacks that change a registration before the engine sees it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import grpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from local.engine.errors import EngineError

# Option of a transform -> field of the registration; both are repeated or both are maps.
_LISTS = {
    "depends_on": "dependencies",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
    "aliases": "aliases",
    "additional_secret_outputs": "additionalSecretOutputs",
}
_SCALARS = {"version": "version", "provider": "provider", "plugin_download_url": "pluginDownloadURL"}
_OPTIONAL = {"protect": "protect", "retain_on_delete": "retainOnDelete"}


class Transforms:
    """Calls transforms in the program's callback server.

    Usage: ``transforms.apply(request, [*request.transforms, *stack_transforms])``; it changes the request.
    Raises EngineError with the program's message when a transform fails.
    """

    def __init__(self) -> None:
        self._channels: dict[str, grpc.Channel] = {}

    def apply(self, request: resource_pb2.RegisterResourceRequest, callbacks: Iterable[callback_pb2.Callback]) -> None:
        """Run the callbacks in order, each on the result of the one before."""
        for callback in callbacks:
            message = resource_pb2.TransformRequest(
                type=request.type,
                name=request.name,
                custom=request.custom,
                parent=request.parent,
                properties=request.object,
                options=_options_of(request),
            )
            response = resource_pb2.TransformResponse.FromString(self._invoke(callback, message.SerializeToString()))
            request.object.CopyFrom(response.properties)
            if response.HasField("options"):
                _take_options(request, response.options)

    def close(self) -> None:
        """Close the connections to the program."""
        for channel in self._channels.values():
            channel.close()

    def _invoke(self, callback: callback_pb2.Callback, request: bytes) -> bytes:
        channel = self._channels.get(callback.target)
        if channel is None:
            channel = grpc.insecure_channel(callback.target, options=_GRPC_CHANNEL_OPTIONS)
            self._channels[callback.target] = channel
        stub = callback_pb2_grpc.CallbacksStub(channel)
        try:
            return stub.Invoke(callback_pb2.CallbackInvokeRequest(token=callback.token, request=request)).response
        except grpc.RpcError as error:
            details = error.details() if isinstance(error, grpc.Call) else str(error)
            raise EngineError(f"a transform failed: {details}") from error


def _options_of(request: Any) -> resource_pb2.TransformResourceOptions:
    options = resource_pb2.TransformResourceOptions(
        **{option: getattr(request, field) for option, field in {**_LISTS, **_SCALARS}.items()}
    )
    for option, field in _OPTIONAL.items():
        if request.HasField(field):
            setattr(options, option, getattr(request, field))
    if request.deleteBeforeReplaceDefined:
        options.delete_before_replace = request.deleteBeforeReplace
    return options


def _take_options(request: Any, options: Any) -> None:
    for option, field in _LISTS.items():
        request.ClearField(field)
        getattr(request, field).extend(getattr(options, option))
    for option, field in _SCALARS.items():
        setattr(request, field, getattr(options, option))
    for option, field in _OPTIONAL.items():
        if options.HasField(option):
            setattr(request, field, getattr(options, option))
    if options.HasField("delete_before_replace"):
        request.deleteBeforeReplace = options.delete_before_replace
        request.deleteBeforeReplaceDefined = True
