"""Kong in front of a model as tutorials show it: a service, a route, and the caching plugin with some settings.

``kong.Service`` takes no URL, so that its parts stand here.
"""

from __future__ import annotations

import pulumi
import pulumi_kong as kong


def program() -> None:
    model_service = kong.Service(
        "inf_model_service",
        name="inference-model-service",
        protocol="http",
        host="your-model-inference-endpoint.example.com",
        port=80,
    )
    model_route = kong.Route(
        "inf_model_route",
        service_id=model_service.id,
        paths=["/predict"],
        methods=["POST"],
        protocols=["http", "https"],
    )
    kong.Plugin(
        "inf_model_cache_plugin",
        name="proxy-cache",
        route_id=model_route.id,
        config_json="""{
            "content_type": "application/json",
            "cache_ttl": 300,
            "strategy": "memory",
            "memory": {"dictionary_name": "kong_cache"}
        }""",
    )
    pulumi.export("model_route_id", model_route.id)


def program_with_post() -> None:
    """The same after the first repair that comes to mind: the errors are gone, and every answer is the first one."""
    model_service = kong.Service(
        "inf_model_service", name="inference-model-service", protocol="https", host="model.example.com", port=443
    )
    model_route = kong.Route(
        "inf_model_route",
        service_id=model_service.id,
        paths=["/predict"],
        methods=["POST"],
        protocols=["http", "https"],
    )
    kong.Plugin(
        "inf_model_cache_plugin",
        name="proxy-cache",
        route_id=model_route.id,
        config_json="""{
            "content_type": ["application/json"],
            "request_method": ["POST"],
            "cache_ttl": 300,
            "strategy": "memory",
            "memory": {"dictionary_name": "kong_db_cache"}
        }""",
    )
