"""Deploys several models behind one ModelRouter with the embedded engine and asks them by name."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pulumi

from components import KongCachedRoute, KongConsumer
from components.naming import kong_name
from components.pool.inference_pool import InferencePool
from components.router import ModelRouter
from local.engine import EmbeddedEngine
from tests.gateway.replicas import Replica

ENTRY, MODELS = "/v1/chat/completions", "/v1/models"
_numbers = itertools.count(1)


class RoutedModels:
    """Models behind one path. routed.ask({"model": "alpha", "x": 1}).json()

    `routes`: the arguments of each KongCachedRoute by name, with its `endpoint`, or the `replica` of a pool of its own;
    open unless it says otherwise.
    `consumers`: the key-auth models of each consumer. `router`: the arguments of the ModelRouter.
    """

    def __init__(
        self,
        admin: str,
        proxy: str,
        scratch: Path,
        settle: Callable[[Callable[[], bool]], None],
        routes: dict[str, dict[str, Any]],
        consumers: dict[str, list[str]] | None = None,
        **router: Any,
    ) -> None:
        self._settle, self._stack = settle, f"r{next(_numbers)}"
        self.routes, self.consumers, self.router = routes, consumers or {}, {"paths": [ENTRY], **router}
        (scratch / "Pulumi.yaml").write_text("name: gateway-tests\nruntime: python\n")
        (scratch / f"Pulumi.{self._stack}.yaml").write_text("config: {}\n")
        self._engine = EmbeddedEngine(
            project_dir=scratch,
            stack=self._stack,
            state_dir=scratch / ".state",
            config={"kong:kongAdminUri": admin},
            program=self._program,
        )
        self.client = httpx.Client(base_url=proxy, timeout=60)
        try:
            self.deploy()
        except BaseException:
            self.close()  # a gateway has one router only
            raise

    def deploy(self, **router: Any) -> None:
        """Deploys, or deploys a changed router, and waits until the gateway serves it."""
        self.router.update(router)
        self._engine.up()
        listed = self.router.get("models_path", MODELS)
        self._settle(lambda: self.client.get(listed).status_code in (200, 401))

    def close(self) -> None:
        self.client.close()
        self._engine.destroy()

    def ask(
        self, document: Any = None, *, body: bytes | None = None, path: str = ENTRY, **headers: str
    ) -> httpx.Response:
        """Posts a document. Header names take _ for -."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send(json.dumps(document).encode() if body is None else body, given, path)

    def send(
        self, body: bytes, headers: dict[str, str] | list[tuple[str, str]] | None = None, path: str = ENTRY
    ) -> httpx.Response:
        """Posts these very bytes and headers, as JSON unless they name another type."""
        pairs = [*headers.items()] if isinstance(headers, dict) else [*(headers or [])]
        if "content-type" not in {name.lower() for name, _ in pairs}:
            pairs.append(("content-type", "application/json"))
        return self.client.post(path, content=body, headers=pairs)

    def key_of(self, consumer: str) -> str:
        return f"{consumer}-key-of-{self._stack}-0123456789"

    def names_told(self, **headers: str) -> list[str]:
        """The ids of GET /v1/models."""
        answer = self.client.get(MODELS, headers=headers)
        assert answer.status_code == 200, answer.text
        return [model["id"] for model in answer.json()["data"]]

    def _program(self) -> None:
        routes: dict[str, KongCachedRoute] = {}
        services: dict[str, Any] = {}
        for name, given in self.routes.items():
            args: Any = {"model": name, "version": "1", "access": {"mode": "open"}, **given}
            replica: Replica | None = args.pop("replica", None)
            pool = replica and _pool(name, replica)
            if pool:
                args["endpoint"] = pulumi.Output.concat(pool.url, "/invocations")
            routes[name] = KongCachedRoute(name, args)
            services[name] = {"service_id": routes[name].service_id, "route": args}
            if pool:
                services[name]["upstream"] = pool.upstream
        callers = {kong_name(name): allowed for name, allowed in self.consumers.items()}
        ModelRouter("router", {**self.router, "services": services, "callers": callers})  # type: ignore[typeddict-item]
        for name, allowed in self.consumers.items():
            groups: dict[str, pulumi.Input[str]] = {model: routes[model].acl_group for model in allowed}
            KongConsumer(name, {"consumer": name, "key": pulumi.Output.secret(self.key_of(name)), "groups": groups})


def _pool(name: str, replica: Replica) -> InferencePool:
    health: Any = {"interval_seconds": 1, "failures": 1}
    return InferencePool(f"{name}-pool", {"name": name, "targets": [{"address": replica.address}], "health": health})
