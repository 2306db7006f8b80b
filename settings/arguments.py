"""Settings -> the arguments of the InferenceEdge component. The only place where a config name meets an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from .models import ConsumerSettings, ModelSettings, Settings

if TYPE_CHECKING:
    from components import ConsumerArgs, InferenceEdgeArgs, KongCachedRouteArgs


def edge_arguments(settings: Settings) -> InferenceEdgeArgs:
    """The arguments of the whole stack; a key given in the config becomes a secret Output here."""
    return {
        "gateway_url": settings.gateway_url,
        "models": [_model(model, settings.dictionary) for model in settings.models],
        "consumers": [_consumer(consumer) for consumer in settings.consumers],
    }


def _model(model: ModelSettings, dictionary: str) -> KongCachedRouteArgs:
    access = model.access.model_dump(exclude_none=True)
    return {
        "model": model.name,
        "version": model.version,
        "endpoint": model.endpoint,
        "path": model.route.path,
        "hosts": list(model.route.hosts),
        "https_only": model.route.https_only,
        "dictionary": dictionary,
        "cache": model.cache.model_dump(),  # type: ignore[typeddict-item]
        "access": access,  # type: ignore[typeddict-item]
        "timeouts": model.timeouts.model_dump(),  # type: ignore[typeddict-item]
        "retries": model.retries,
    }


def _consumer(consumer: ConsumerSettings) -> ConsumerArgs:
    args: ConsumerArgs = {"name": consumer.name}
    if consumer.key is not None:
        args["key"] = pulumi.Output.secret(consumer.key.get_secret_value())
    if consumer.models is not None:
        args["models"] = list(consumer.models)
    return args
