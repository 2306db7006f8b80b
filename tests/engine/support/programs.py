"""Small programs for the engine's tests."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_kong
import pulumi_random

TAGS = ["shop", "dev"]


class Shop(pulumi.ComponentResource):
    """A service with a route and a plugin whose config holds a secret."""

    def __init__(self, name: str, host: str, plugin: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("shop:index:Shop", name, {"host": host}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.key = pulumi_random.RandomBytes(f"{name}-key", length=32, opts=child)
        service = pulumi_kong.Service(f"{name}-service", name=name, protocol="http", host=host, tags=TAGS, opts=child)
        route = pulumi_kong.Route(
            f"{name}-route",
            name=name,
            protocols=["http"],
            paths=[f"/{name}"],
            service_id=service.id,
            tags=TAGS,
            opts=child,
        )
        pulumi_kong.Plugin(
            f"{name}-plugin",
            name=plugin,
            route_id=route.id,
            enabled=True,
            config_json=self.key.hex.apply(lambda key: json.dumps({"key": key, "ttl": 300})),
            tags=TAGS,
            opts=child,
        )
        self.route_id = route.id
        self.register_outputs({"routeId": route.id})


class Caller(pulumi.ComponentResource):
    """A consumer with a key and a group."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("shop:index:Caller", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        key = pulumi_random.RandomPassword(f"{name}-key", length=32, opts=child)
        consumer = pulumi_kong.Consumer(f"{name}-consumer", username=name, tags=TAGS, opts=child)
        pulumi_kong.ConsumerKeyAuth(f"{name}-key-auth", consumer_id=consumer.id, key=key.result, tags=TAGS, opts=child)
        pulumi_kong.ConsumerAcl(f"{name}-acl", consumer_id=consumer.id, group=name, tags=TAGS, opts=child)
        self.register_outputs({})


def shop(host: str = "a.test", plugin: str = "proxy-cache", names: tuple[str, ...] = ("shop",)) -> Any:
    """A program with one Shop per name; exports route ids and keys."""

    def program() -> None:
        for name in names:
            one = Shop(name, host, plugin)
            pulumi.export(f"{name}-route", one.route_id)
            pulumi.export(f"{name}-key", one.key.hex)

    return program


def callers() -> None:
    """A program with one Caller."""
    Caller("web")


def consumer(name: str = "c", **inputs: Any) -> Any:
    """A program with one consumer of Kong."""
    return lambda: pulumi_kong.Consumer(name, **{"username": "c", **inputs}) and None


def empty() -> None:
    """A program without resources."""
