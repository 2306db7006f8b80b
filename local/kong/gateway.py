"""The gateway's state: entities, router and the plugins of each route, kept in step with the Lua side."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from local.kong.lua_host import LuaHost
from local.kong.metrics import Metrics
from local.kong.plugin_schemas import FUNCTION_PHASES
from local.kong.plugin_schemas import PLUGINS as PLUGIN_SCHEMAS
from local.kong.router import Router
from local.kong.store import Row, Store

VERSION = "3.9.3"
MIB = 1 << 20
KONG_DICTIONARIES = {
    "kong": 5 * MIB,
    "kong_locks": 8 * MIB,
    "kong_healthchecks": 5 * MIB,
    "kong_cluster_events": 5 * MIB,
    "kong_rate_limiting_counters": 12 * MIB,
    "kong_core_db_cache": 128 * MIB,
    "kong_core_db_cache_miss": 12 * MIB,
    "kong_db_cache": 128 * MIB,
    "kong_db_cache_miss": 12 * MIB,
    "kong_secrets": 5 * MIB,
    "prometheus_metrics": 5 * MIB,
}
# The most specific first: which of route, service and consumer a plugin names.
PRECEDENCE = (
    "route service consumer",
    "route consumer",
    "service consumer",
    "route service",
    "consumer",
    "route",
    "service",
    "",
)


def _reference(row: Row, name: str) -> str | None:
    return row[name]["id"] if row.get(name) else None


def _rank(plugin: Row) -> int:
    return PRECEDENCE.index(" ".join(name for name in ("route", "service", "consumer") if plugin[name]))


class Gateway:
    """One Kong: `store` for the Admin API, `router` and `lua` for the proxy.

    `dictionaries`: the operator's shared dictionaries, name to bytes. `body_buffer_bytes`: client_body_buffer_size.
    """

    def __init__(self, dictionaries: Mapping[str, int], body_buffer_bytes: int) -> None:
        self.body_buffer_bytes = body_buffer_bytes
        self.metrics = Metrics()
        self._own_dictionaries = dictionaries
        self._dictionaries = {**KONG_DICTIONARIES, **dictionaries}
        self._listen: dict[str, str] = {"admin_listen": "", "proxy_listen": ""}
        self.lua = LuaHost(VERSION, self._configuration(), self._dictionaries, self.metrics.observe, self._timer)
        self.store = Store(self._check_plugin, self._change)
        self._sent: dict[tuple[str, str], Row] = {}
        self._stale = True
        self._router = Router((), {})

    @property
    def router(self) -> Router:
        """The router of the entities as they are now."""
        if self._stale:
            self._refresh()
        return self._router

    def listening(self, admin: str, proxy: str) -> None:
        self._listen = {"admin_listen": admin, "proxy_listen": proxy}

    def information(self) -> Row:
        """GET /: version, configuration and the available plugins."""
        plugins = {name: {"version": VERSION, "priority": schema.priority} for name, schema in PLUGIN_SCHEMAS.items()}
        used = sorted({row["name"] for row in self.store.rows["plugins"].values()})
        return {
            "version": VERSION,
            "edition": "community",
            "tagline": "Welcome to kong",
            "hostname": "localhost",
            "node_id": self.lua.node_id,
            "lua_version": "LuaJIT 2.1",
            "pids": {"workers": [os.getpid()]},
            "plugins": {"available_on_server": plugins, "enabled_in_cluster": used},
            "configuration": self._configuration(),
        }

    def status(self) -> Row:
        """GET /status: the shared dictionaries and their fill."""
        dicts = {
            name: {"allocated_slabs": f"{used / MIB:.2f} MiB", "capacity": f"{capacity / MIB:.2f} MiB"}
            for name, (used, capacity) in self._dictionary_sizes().items()
        }
        return {
            "database": {"reachable": True},
            "memory": {
                "lua_shared_dicts": dicts,
                "workers_lua_vms": [{"pid": os.getpid(), "http_allocated_gc": "0.00 MiB"}],
            },
            "server": {"connections_active": 1, "total_requests": 0},
        }

    def metrics_text(self) -> bytes:
        return self.metrics.text(self._dictionary_sizes())

    def cache_get(self, key: str) -> str | None:
        return next((entry for dictionary in self._cache_dictionaries() if (entry := _value(dictionary, key))), None)

    def cache_delete(self, key: str) -> None:
        for dictionary in self._cache_dictionaries():
            dictionary.delete(dictionary, key)

    def cache_flush(self) -> None:
        for dictionary in self._cache_dictionaries():
            dictionary.flush_all(dictionary)

    def _cache_dictionaries(self) -> list[Any]:
        rows = self.store.rows["plugins"].values()
        names = {row["config"]["memory"]["dictionary_name"] for row in rows if row["name"] == "proxy-cache"}
        return [self.lua.dictionary(name) for name in names]

    def _dictionary_sizes(self) -> dict[str, tuple[int, int]]:
        return {name: (int(self.lua.dictionary(name).used), size) for name, size in self._dictionaries.items()}

    def _configuration(self) -> Row:
        size = self.body_buffer_bytes
        buffer = f"{size // MIB}m" if size % MIB == 0 else f"{size // 1024}k"
        own = [
            f"{name} {size // MIB}m" for name, size in self._own_dictionaries.items() if name not in KONG_DICTIONARIES
        ]
        return {
            "database": "postgres",
            "role": "traditional",
            "router_flavor": "traditional_compatible",
            "untrusted_lua": "sandbox",
            "untrusted_lua_sandbox_requires": {},
            "untrusted_lua_sandbox_environment": {},
            "nginx_http_client_body_buffer_size": buffer,
            "client_body_buffer_size": buffer,
            "nginx_http_lua_shared_dict": "; lua_shared_dict ".join(own),
            "lua_max_req_headers": 100,
            "lua_max_resp_headers": 100,
            "lua_max_uri_args": 100,
            "mem_cache_size": "128m",
            "plugins": ["bundled"],
            "proxy_listen": [self._listen["proxy_listen"]],
            "admin_listen": [self._listen["admin_listen"]],
        }

    def _check_plugin(self, row: Row, errors: dict[str, Any]) -> None:
        config = row["config"]
        if row["name"] in ("pre-function", "post-function"):
            for phase in FUNCTION_PHASES:
                chunks = config.get(phase)
                if not isinstance(chunks, list) or not all(isinstance(chunk, str) and chunk for chunk in chunks):
                    continue
                wrongs = [self.lua.call.syntax_error(chunk.encode()) for chunk in chunks]
                if any(wrongs):
                    errors.setdefault("config", {})[phase] = [
                        wrong and f"error parsing {row['name']}: {wrong}" for wrong in wrongs
                    ]
        if row["name"] == "proxy-cache" and "config" not in errors:
            name = config["memory"]["dictionary_name"]
            if name not in self._dictionaries:
                errors["@entity"] = [f"missing shared dict '{name}'"]

    def _change(self) -> None:
        self._stale = True

    def _timer(self, delay: float, callback: Any, *arguments: Any) -> None:
        asyncio.get_running_loop().call_later(delay, lambda: self.lua.call.timer(callback, time.time(), *arguments))

    def _refresh(self) -> None:
        """Sends what changed to Lua and rebuilds the router and the plugin plan of every route."""
        rows = self.store.rows
        self._send("routes", rows["routes"])
        self._send("services", rows["services"])
        self._send("consumers", rows["consumers"])
        credentials = {row["key"]: row for row in rows["keyauth_credentials"].values()}
        self._send("credentials", credentials)
        groups: dict[str, list[str]] = defaultdict(list)
        for row in rows["acls"].values():
            groups[row["consumer"]["id"]].append(row["group"])
        self._send("groups", dict(groups))
        enabled = [
            row
            for row in rows["plugins"].values()
            if row["enabled"] and {"http", "https"} & set(row["protocols"] or ())
        ]
        enabled.sort(key=lambda row: (-PLUGIN_SCHEMAS[row["name"]].priority, row["name"], _rank(row)))
        self._send_plugins(enabled)
        for route in rows["routes"].values():
            self.lua.call.plan(route["id"], _plan(enabled, route["id"], _reference(route, "service")))
        self.lua.call.plan("", _plan(enabled, None, None))
        self._router = Router(list(rows["routes"].values()), rows["services"])
        self._stale = False

    def _send(self, kind: str, current: Mapping[str, Any]) -> None:
        known = {key for sent_kind, key in self._sent if sent_kind == kind}
        for key in known - set(current):
            del self._sent[kind, key]
            self.lua.call.drop(kind, key.encode())
        for key, row in current.items():
            if self._sent.get((kind, key)) is not row:
                self._sent[kind, key] = row
                document = {_lua_name(name): value for name, value in row.items()} if isinstance(row, dict) else row
                self.lua.call.put(kind, key.encode(), json.dumps(document, ensure_ascii=False).encode())

    def _send_plugins(self, enabled: list[Row]) -> None:
        current = {row["id"]: row for row in enabled}
        for key in {key for kind, key in self._sent if kind == "plugins"} - set(current):
            del self._sent["plugins", key]
            self.lua.call.drop_plugin(key)
        for key, row in current.items():
            if self._sent.get(("plugins", key)) is not row:
                self._sent["plugins", key] = row
                scope = ":".join(_reference(row, name) or "" for name in ("route", "service"))
                config = json.dumps(row["config"], ensure_ascii=False).encode()
                self.lua.call.put_plugin(key, row["name"], config, _reference(row, "consumer"), scope)


def _lua_name(name: str) -> str:
    return name.lstrip("_")


def _plan(enabled: list[Row], route_id: str | None, service_id: str | None) -> str:
    groups: dict[str, list[str]] = defaultdict(list)
    for row in enabled:
        if _reference(row, "route") in (None, route_id) and _reference(row, "service") in (None, service_id):
            groups[row["name"]].append(row["id"])
    return ";".join(" ".join(ids) for ids in groups.values())


def _value(dictionary: Any, key: str) -> str | None:
    found = dictionary.get(dictionary, key)
    return found[0] if isinstance(found, tuple) else found
