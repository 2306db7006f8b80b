"""Arguments of a ModelRouter: the least, and everything."""

from __future__ import annotations

from typing import Any

from tests.components.arguments import minimal_route

PATH = "/v1/chat/completions"


def service(model: str, *, upstream: str | None = None, **route: Any) -> dict[str, Any]:
    """A model as the router has it; open unless it says otherwise."""
    endpoint = f"http://{model}.test:8080/invocations"
    made = minimal_route(**{"model": model, "endpoint": endpoint, "access": {"mode": "open"}, **route})
    found: dict[str, Any] = {"service_id": f"service {model}", "route": made}
    return found if upstream is None else {**found, "upstream": upstream}


def keyed(model: str, **more: Any) -> dict[str, Any]:
    """A model that asks for a consumer's key."""
    return service(model, access={"mode": "key-auth"}, **more)


def services(*made: dict[str, Any]) -> dict[str, Any]:
    """By model name."""
    return {each["route"]["model"]: each for each in made}


def minimal_router(**more: Any) -> Any:
    """What a ModelRouter cannot do without."""
    return {"paths": [PATH], "services": services(service("alpha"), service("beta")), **more}


def full_router(**more: Any) -> Any:
    """A ModelRouter with every argument, none of them at its default."""
    return {
        "paths": [PATH, "/v1/completions"],
        "models_path": "/models",
        "model_pointer": "/parameters/model~1name",
        "model_header": "x-model",
        "max_body_bytes": 1000,
        "services": services(
            keyed("alpha", upstream="alpha-pool", hosts=["api.test"], https_only=True),
            keyed("beta", upstream="beta-pool", hosts=["api.test"], https_only=True),
            keyed("small", hosts=["api.test"], https_only=True),
            service("words", cache={"profile": "llm"}),
            service("unused"),
        ),
        "models": [
            {
                "name": "org/gpt-x:1",
                "versions": [
                    {"model": "beta", "weight": 10},
                    {"model": "alpha", "weight": 90, "served_name": "llama-3"},
                ],
                "fallback": {"model": "small", "served_name": "tiny"},
            },
            {"name": "words", "versions": [{"model": "words"}]},
        ],
        "callers": {"web": ["alpha", "beta", "small"], "batch": []},
        **more,
    }
