"""The gateway's state: entities, router and the plugins of each route, kept in step with the Lua side."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from local.kong.balancer.balancers import Balancers
from local.kong.balancer.questions import questions
from local.kong.balancer.resolver import Resolver
from local.kong.balancer.status import health_labels
from local.kong.cluster.publisher import Publisher
from local.kong.coroutines import Coroutines
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
PROXY_DIRECTIVES = {"real_ip_header": "X-Real-IP", "real_ip_recursive": "off"}
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
    `sandbox_requires`: untrusted_lua_sandbox_requires. `trusted_certificates`: lua_ssl_trusted_certificate, a PEM file,
    None for the system's. `next_upstream`: nginx_proxy_proxy_next_upstream, None when it is not set.
    `nameservers`: dns_resolver, the system's when there are none.
    """

    def __init__(
        self,
        dictionaries: Mapping[str, int],
        body_buffer_bytes: int,
        sandbox_requires: Sequence[str] = (),
        trusted_certificates: str | None = None,
        next_upstream: str | None = None,
        nameservers: Sequence[tuple[str, int]] = (),
    ) -> None:
        self.body_buffer_bytes = body_buffer_bytes
        self.metrics = Metrics()
        self._sandbox_requires, self._trusted_certificates = sandbox_requires, trusted_certificates
        self._own_dictionaries, self._next_upstream = dictionaries, next_upstream
        self._dictionaries = {**KONG_DICTIONARIES, **dictionaries}
        self._listen: dict[str, str] = {}
        self.coroutines = Coroutines(trusted_certificates)
        self.store = Store(self._check_plugin, self._change)
        self.resolver = Resolver(nameservers)
        self._nameservers = nameservers
        self.balancers = Balancers(self.store.rows, self.resolver)
        library = {**self.metrics.library(), **self.coroutines.library(), **questions(self.balancers)}
        self.lua = LuaHost(VERSION, self._configuration(), self._dictionaries, library)
        self.coroutines.bind(self.lua.call)
        self.publisher = Publisher(self.store.rows, self.lua.node_id)
        self._sent: dict[tuple[str, str], Row] = {}
        self._stale = True
        self._has_rewrite = False
        self._router = Router((), {})

    @property
    def router(self) -> Router:
        """The router of the entities as they are now."""
        if self._stale:
            self._refresh()
        return self._router

    @property
    def has_rewrite(self) -> bool:
        """A global plugin has a rewrite phase."""
        if self._stale:
            self._refresh()
        return self._has_rewrite

    def listening(self, addresses: Mapping[str, str]) -> None:
        """`addresses`: admin's and proxy's `host:port`; a node that follows has no admin's."""
        self._listen = {f"{name}_listen": address for name, address in addresses.items()}

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
        plugins = [row for row in self.store.rows["plugins"].values() if row["name"] == "prometheus" and row["enabled"]]
        health = any(plugin["config"]["upstream_health_metrics"] for plugin in plugins)
        labels = [pair for balancer in self.balancers.all() for pair in health_labels(balancer)] if health else []
        return self.metrics.text(self._dictionary_sizes(), labels)

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
        shown = {"nginx_proxy_proxy_next_upstream": self._next_upstream} if self._next_upstream else {}
        directives = {
            **PROXY_DIRECTIVES,
            **({"proxy_next_upstream": self._next_upstream} if self._next_upstream else {}),
        }
        return {
            **shown,
            "nginx_proxy_directives": [{"name": name, "value": value} for name, value in directives.items()],
            "database": "postgres",
            "role": "traditional",
            "router_flavor": "traditional_compatible",
            "untrusted_lua": "sandbox",
            "untrusted_lua_sandbox_requires": list(self._sandbox_requires) or {},
            "untrusted_lua_sandbox_environment": {},
            "nginx_http_client_body_buffer_size": buffer,
            "client_body_buffer_size": buffer,
            "nginx_http_lua_shared_dict": "; lua_shared_dict ".join(own),
            "lua_ssl_trusted_certificate": [self._trusted_certificates or "system"],
            "dns_resolver": [f"{host}:{port}" for host, port in self._nameservers] or {},
            "lua_max_req_headers": 100,
            "lua_max_resp_headers": 100,
            "lua_max_uri_args": 100,
            "mem_cache_size": "128m",
            "plugins": ["bundled"],
            "proxy_listen": [self._listen.get("proxy_listen", "off")],
            "admin_listen": [self._listen.get("admin_listen", "off")],
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
        self.balancers.changed()
        self.publisher.changed()

    def _refresh(self) -> None:
        """Sends what changed to Lua and rebuilds the router and the plugin plan of every route."""
        rows = self.store.rows
        self._send("routes", rows["routes"])
        self._send("services", rows["services"])
        self._send("consumers", rows["consumers"])
        self._send("upstreams", {row["name"]: row for row in rows["upstreams"].values()})
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
        self._has_rewrite = any(row["config"].get("rewrite") and PRECEDENCE[_rank(row)] == "" for row in enabled)
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
