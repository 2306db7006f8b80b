"""A model with replicas: a conversation stays at one of them, whose cache knows how it began."""

import pulumi
from inference_edge import InferenceEdge

replicas = pulumi.Config().require_object("replicas")

shop = InferenceEdge(
    "shop",
    {
        "gateway_url": "http://localhost:8000",
        "pools": [
            {
                "name": "chat",
                "targets": replicas,
                "affinity": {"by": "prompt", "messages": 2},
                "health": {"path": "/ping"},
                "circuit_breaker": {"errors": 5},
            }
        ],
        "models": [{"model": "chat", "version": "1", "cache": {"profile": "llm"}}],
        "pooled": {"chat": {"pool": "chat", "path": "/invocations"}},
        "consumers": [{"name": "web"}],
    },
)

pulumi.export("models", shop.models)
pulumi.export("consumerKeys", shop.consumer_keys)
