"""In which order things come and go: no request reaches an entry path that the router has not looked at."""

from __future__ import annotations

from typing import Any

import pytest

from components import KongCachedRoute
from components.router import ModelRouter
from local.engine import EngineError
from tests.components.arguments import minimal_route
from tests.components.router.arguments import PATH, minimal_router
from tests.components.trial_stack import TrialStack, changed

ENTRY = "plugin /pre-function"
DIRECTORY = "shop-test-models_directory"
DIRECTORY_PLUGINS = {
    f"plugin {DIRECTORY}/{name}"
    for name in ("correlation-id", "key-auth", "post-function", "prometheus", "request-size-limiting")
}
ROUTES = {f"route {DIRECTORY}", "route shop-test-alpha_routed", "route shop-test-beta_routed"}
MODELS = ("alpha", "beta")


def program(**more: Any) -> None:
    routes = {model: KongCachedRoute(model, minimal_route(model=model)) for model in MODELS}
    services = {
        model: {"service_id": route.service_id, "route": minimal_route(model=model)} for model, route in routes.items()
    }
    ModelRouter("r", minimal_router(services=services, **more))


def test_every_route_comes_after_the_function_of_the_whole_gateway(stack: TrialStack) -> None:
    stack.up(program)
    for route in ROUTES:
        assert ENTRY in stack.recorder.call("create", route).after
    assert stack.recorder.call("create", f"route {DIRECTORY}").after >= DIRECTORY_PLUGINS


def test_a_routed_model_has_its_own_guards_first(stack: TrialStack) -> None:
    stack.up(program)
    for model in MODELS:
        plugins = {entity for entity in stack.recorder.sent if entity.startswith(f"plugin shop-test-{model}/")}
        assert len(plugins) > 5
        assert stack.recorder.call("create", f"route shop-test-{model}_routed").after >= plugins


def test_the_function_of_the_whole_gateway_comes_after_the_models_guards_and_goes_before_them(
    stack: TrialStack,
) -> None:
    stack.up(program)
    guards = {entity for entity in stack.recorder.sent if entity.startswith("plugin shop-test-alpha/")}
    guards |= {entity for entity in stack.recorder.sent if entity.startswith("plugin shop-test-beta/")}
    assert len(guards) > 10
    assert stack.recorder.call("create", ENTRY).after >= guards
    stack.destroy()
    for guard in guards:
        assert ENTRY in stack.recorder.call("delete", guard).after


def test_destroying_takes_every_route_before_the_function(stack: TrialStack) -> None:
    stack.up(program)
    stack.destroy()
    assert set(stack.recorder.entities("delete")) == set(stack.recorder.entities("create"))
    assert stack.recorder.call("delete", ENTRY).after >= ROUTES
    for plugin in DIRECTORY_PLUGINS:
        assert f"route {DIRECTORY}" in stack.recorder.call("delete", plugin).after
    for model in MODELS:
        for entity in (f"plugin shop-test-{model}/key-auth", f"service shop-test-{model}"):
            assert f"route shop-test-{model}_routed" in stack.recorder.call("delete", entity).after


@pytest.mark.parametrize("entity", sorted({ENTRY, *DIRECTORY_PLUGINS}))
def test_there_is_no_directory_when_a_plugin_fails(stack: TrialStack, entity: str) -> None:
    stack.recorder.failing.add(entity)
    with pytest.raises(EngineError, match="was made to fail"):
        stack.up(program)
    created = set(stack.recorder.entities("create"))
    assert f"route {DIRECTORY}" not in created
    assert entity != ENTRY or not created & ROUTES


@pytest.mark.parametrize(
    ("before", "after"), [([PATH], [PATH, "/v2"]), ([PATH, "/v2"], [PATH]), ([PATH], ["/v2"])], ids=str
)
def test_other_paths_are_known_to_the_function_before_a_route_has_them(
    stack: TrialStack, before: list[str], after: list[str]
) -> None:
    stack.up(lambda: program(paths=before))
    stack.recorder.calls.clear()
    stack.up(lambda: program(paths=after))
    assert set(stack.recorder.entities("update")) == {ENTRY, *ROUTES}
    for route in ROUTES:
        assert ENTRY in stack.recorder.call("update", route).after


def test_without_the_router_its_routes_go_first(stack: TrialStack) -> None:
    stack.up(program)
    stack.up(lambda: [KongCachedRoute(model, minimal_route(model=model)) for model in MODELS])
    assert stack.recorder.call("delete", ENTRY).after >= ROUTES


def test_other_hosts_replace_the_models_route_alone(stack: TrialStack) -> None:
    def deployed(hosts: list[str]) -> Any:
        services = minimal_router()["services"]
        services["alpha"]["route"]["hosts"] = hosts
        return stack.up(lambda: ModelRouter("r", minimal_router(services=services)))

    deployed(["a.test"])
    assert changed(deployed([]), "replace") == ["r-alpha-route"]
