"""Deploys a KongCachedRoute with the embedded engine and asks it questions."""

from __future__ import annotations

import base64
import dataclasses
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pulumi
import pytest

from components import KongCachedRoute, KongConsumer
from local.engine import EmbeddedEngine

CALLERS = ("web", "batch")
_numbers = itertools.count(1)


def with_store(*kinds: str) -> pytest.MarkDecorator:
    """The test is about these stores only."""
    return pytest.mark.parametrize("store", kinds, indirect=True)


@dataclasses.dataclass(frozen=True)
class Reply:
    """What a caller got."""

    status: int
    answer: str | None
    cache: str
    headers: httpx.Headers

    @property
    def hit(self) -> bool:
        return "; hit" in self.cache

    @property
    def detail(self) -> str | None:
        """The reason that Cache-Status names."""
        parts = dict(part.strip().split("=", 1) for part in self.cache.split(";") if "=" in part)
        return parts.get("detail")


class DeployedModel:
    """One model behind the gateway. reply = deployed.ask({"x": 1})"""

    def __init__(
        self,
        admin: str,
        proxy: str,
        scratch: Path,
        settle: Callable[[Callable[[], bool]], None],
        store: dict[str, Any],
        args: dict[str, Any],
    ) -> None:
        self.admin, self.proxy, self._settle = admin, proxy, settle
        self.name = f"m{next(_numbers)}"
        self.store = store["cache"]["store"]
        self._store = store
        self.args: dict[str, Any] = {"model": self.name, "version": "1", **args}
        (scratch / "Pulumi.yaml").write_text("name: gateway-tests\nruntime: python\n")
        (scratch / f"Pulumi.{self.name}.yaml").write_text("config: {}\n")
        self._engine = EmbeddedEngine(
            project_dir=scratch,
            stack=self.name,
            state_dir=scratch / ".state",
            config={"kong:kongAdminUri": admin},
            program=self._program,
        )
        self.client = httpx.Client(base_url=proxy, timeout=60)
        self.deploy()

    @property
    def url(self) -> str:
        return self.args.get("path", f"/{self.name}/predict")

    @property
    def kong_name(self) -> str:
        """What the model is in Kong."""
        return f"gateway-tests-{self.name}-{self.args['model']}"

    def deploy(self, **changes: Any) -> None:
        """Deploys, or deploys changed arguments, and waits until the gateway serves them."""
        self.args.update(changes)
        self.args["cache"] = {**self._store["cache"], **self.args.get("cache", {})}
        self.args.update({name: given for name, given in self._store.items() if name != "cache"})
        self.outputs = self._engine.up().outputs
        self._settle(lambda: self.client.post(self.url, headers={"host": self._host()}).status_code != 404)

    def close(self) -> None:
        self.client.close()
        self._engine.destroy()

    def ask(self, document: Any = None, *, body: bytes | None = None, key: str | None = "web", **headers: str) -> Reply:
        """Posts a document; `key` names the caller, None is nobody. Header names take _ for -."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send(json.dumps(document).encode() if body is None else body, key, given)

    def get(self, document: Any = None, *, body: bytes | None = None, key: str | None = "web", **headers: str) -> Reply:
        """Asks by GET what `ask` asks by POST."""
        asked = json.dumps(document).encode() if body is None else body
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.get_query(f"input={encoded(asked)}", key, given)

    def get_query(self, query: str, key: str | None, headers: dict[str, str] | list[tuple[str, str]]) -> Reply:
        """A GET with this very query; no Content-Type unless given."""
        self.client.cookies.clear()
        sent = [pair for pair in self.headers(key, headers) if pair != ("content-type", "application/json")]
        return reply_of(self.client.get(f"{self.url}?{query}", headers=sent))

    @property
    def version_token(self) -> str:
        """What a shared cache asks for."""
        return self.outputs["versionToken"]

    def send(self, body: bytes, key: str | None, headers: dict[str, str] | list[tuple[str, str]]) -> Reply:
        self.client.cookies.clear()
        response = self.client.post(self.url, content=body, headers=self.headers(key, headers))
        return reply_of(response)

    def headers(self, key: str | None, more: dict[str, str] | list[tuple[str, str]]) -> list[tuple[str, str]]:
        given = list(more.items()) if isinstance(more, dict) else more
        names = {name.lower() for name, _ in given}
        found = [] if "content-type" in names else [("content-type", "application/json")]
        if key is not None and self.args.get("access", {}).get("mode", "key-auth") == "key-auth":
            found.append(("apikey", self.key_of(key)))
        return found + given

    def key_of(self, caller: str) -> str:
        return f"{caller}-key-of-{self.name}-0123456789" if caller in CALLERS else caller

    def _host(self) -> str:
        return self.args.get("hosts", [httpx.URL(self.proxy).netloc.decode()])[0]

    def _program(self) -> None:
        route = KongCachedRoute(self.name, self.args)  # type: ignore[arg-type]
        if self.args.get("access", {}).get("mode", "key-auth") == "key-auth":
            for name in CALLERS:
                caller = f"{self.name}-{name}"
                groups = {self.name: route.acl_group}
                secret = pulumi.Output.secret(self.key_of(name))
                KongConsumer(caller, {"consumer": caller, "key": secret, "groups": {**groups}})
            edge_key = self.args.get("edge", {}).get("key")
            if edge_key:
                caller = f"{self.name}-edge"
                KongConsumer(caller, {"consumer": caller, "key": edge_key, "groups": {self.name: route.acl_group}})
        pulumi.export("cachePluginId", route.cache_plugin_id)
        pulumi.export("versionToken", route.version_token)
        pulumi.export("serviceId", route.service_id)


def encoded(body: bytes) -> str:
    """As a GET's input."""
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def reply_of(response: httpx.Response) -> Reply:
    try:
        answer = response.json().get("answer")
    except ValueError:
        answer = None
    return Reply(response.status_code, answer, response.headers.get("cache-status", ""), response.headers)
