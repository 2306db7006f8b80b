"""What a Kong may lack, and that all of it is told at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ops.findings import Finding
from ops.kong_node import KongNode, size_in_bytes
from ops.needs import Needs
from ops.node_checks import nginx_size
from tests.ops.fake_admin import FakeAdmin
from tests.ops.support import MODEL, findings, needs


def only(admin: FakeAdmin, **others: Any) -> Finding:
    (finding,) = findings(admin, **others)
    return finding


def with_setting(name: str, value: Any) -> FakeAdmin:
    admin = FakeAdmin()
    admin.configuration[name] = value
    return admin


def with_body_buffer(http: str | None, proxy: str | None = None) -> FakeAdmin:
    admin = FakeAdmin()
    for block, size in (("nginx_http_directives", http), ("nginx_proxy_directives", proxy)):
        admin.configuration[block] = [{"name": "client_body_buffer_size", "value": size}] if size else []
    return admin


def test_a_kong_that_has_everything_passes() -> None:
    assert findings(FakeAdmin()) == []


@pytest.mark.parametrize("version", ["3.9.0", "3.9.1", "3.10.0.2", "3.12.0"])
def test_versions_from_3_9_on_pass(version: str) -> None:
    admin = FakeAdmin()
    admin.root["version"] = version
    assert findings(admin) == []


@pytest.mark.parametrize("version", ["3.8.1", "2.8.5", "1.0.0"])
def test_older_versions_do_not_pass(version: str) -> None:
    admin = FakeAdmin()
    admin.root["version"] = version
    assert only(admin).check == "version"
    assert only(admin).message.startswith(f"{version} is too old: ")


def test_a_newer_major_version_is_a_warning() -> None:
    admin = FakeAdmin()
    admin.root["version"] = "4.0.0"
    assert (only(admin).check, only(admin).level) == ("version", "warning")


def test_without_a_database_nothing_can_be_written() -> None:
    finding = only(with_setting("database", "off"))
    assert (finding.check, "405" in finding.message) == ("database", True)


@pytest.mark.parametrize(("role", "level"), [("data_plane", "error"), ("control_plane", "warning")])
def test_hybrid_roles_are_told(role: str, level: str) -> None:
    assert only(with_setting("role", role)).level == level


def test_missing_plugins_are_named_with_the_setting() -> None:
    admin = FakeAdmin()
    for name in ("proxy-cache", "acl"):
        del admin.root["plugins"]["available_on_server"][name]
    finding = only(admin)
    assert finding.message == "not available: acl, proxy-cache"
    assert "KONG_PLUGINS=bundled,acl,proxy-cache" in finding.fix


@pytest.mark.parametrize("mode", ["sandbox", "on"])
def test_lua_may_run_in_the_sandbox_or_freely(mode: str) -> None:
    assert findings(with_setting("untrusted_lua", mode)) == []


@pytest.mark.parametrize("mode", ["off", None])
def test_lua_must_be_allowed_to_run(mode: str | None) -> None:
    finding = only(with_setting("untrusted_lua", mode))
    assert (finding.check, finding.fix) == ("untrusted_lua", "set KONG_UNTRUSTED_LUA=sandbox and restart Kong")


SHARED = {**MODEL, "access": {"mode": "open"}, "cache": {"store": "redis"}}
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
MEMORYSTORE = {
    "provider": "memorystore",
    "memorystore": {"region": "europe-west1", "network": "projects/p-12345/global/networks/kong"},
}


def for_redis(modules: Any, certificates: Any = (BUNDLE,)) -> FakeAdmin:
    admin = with_setting("untrusted_lua_sandbox_requires", modules)
    admin.configuration["lua_ssl_trusted_certificate"] = list(certificates) or {}
    return admin


def shared(url: str = "rediss://cache.example.com/0", **others: Any) -> Needs:
    wanted = needs(SHARED, sharedCache={"url": url}, **others)
    return replace(wanted, modules=tuple(module for module in wanted.modules if module.name == "resty.redis"))


@pytest.mark.parametrize("modules", [["resty.redis"], ["cjson.safe", "resty.redis"]])
def test_lua_that_may_require_the_client_passes(modules: list[str]) -> None:
    assert findings(for_redis(modules), shared()) == []


@pytest.mark.parametrize(
    ("modules", "setting"),
    [({}, "resty.redis"), (None, "resty.redis"), (["cjson.safe", "inspect"], "cjson.safe,inspect,resty.redis")],
)
def test_lua_that_may_not_require_the_client_is_told_with_all_that_it_may(modules: Any, setting: str) -> None:
    finding = only(for_redis(modules), wanted=shared())
    assert finding.check == "sandbox modules"
    assert finding.message == "Lua may not require resty.redis, so that no answer is kept in the shared cache"
    assert finding.fix == f"set KONG_UNTRUSTED_LUA_SANDBOX_REQUIRES={setting} and restart Kong"


def test_without_the_sandbox_lua_may_require_everything() -> None:
    admin = for_redis({})
    admin.configuration["untrusted_lua"] = "on"
    assert findings(admin, shared()) == []


def test_other_stores_require_nothing_but_metrics() -> None:
    assert (
        findings(for_redis(["kong.plugins.prometheus.exporter"], ()), needs({**SHARED, "cache": {"store": "memory"}}))
        == []
    )


def test_tls_needs_an_authority_that_kong_trusts() -> None:
    finding = only(for_redis(["resty.redis"], ()), wanted=shared())
    assert (finding.check, finding.level) == ("certificates", "error")
    assert "KONG_LUA_SSL_TRUSTED_CERTIFICATE=system" in finding.fix
    assert findings(for_redis(["resty.redis"], ()), shared("redis://127.0.0.1:6379/0")) == []


POOLED = {
    "pools": [{"name": "chat", "targets": [{"address": "127.0.0.1:8081"}]}],
    "router": {
        "paths": ["/v1"],
        "models": [{"name": "gpt-x", "versions": [{"model": "chat-1"}], "fallback": {"model": "digits"}}],
    },
}
CHAT = {"name": "chat-1", "version": "1", "pool": {"name": "chat"}}


def test_every_module_tells_what_is_lost_without_it() -> None:
    fallback, metrics = findings(with_setting("untrusted_lua_sandbox_requires", {}), needs(CHAT, MODEL, **POOLED))
    assert (fallback.level, metrics.level) == ("error", "warning")
    assert fallback.message == (
        "Lua may not require kong.runloop.balancer, so that no fallback answers while a pool has no healthy target"
    )
    assert metrics.message == (
        "Lua may not require kong.plugins.prometheus.exporter, so that no metric tells what the caches, pools and the "
        "router do, and their alerts stay still"
    )
    both = "KONG_UNTRUSTED_LUA_SANDBOX_REQUIRES=kong.plugins.prometheus.exporter,kong.runloop.balancer"
    assert fallback.fix == metrics.fix == f"set {both} and restart Kong"
    modules = ["kong.plugins.prometheus.exporter", "kong.runloop.balancer"]
    assert findings(with_setting("untrusted_lua_sandbox_requires", modules), needs(CHAT, MODEL, **POOLED)) == []


def test_a_router_may_not_be_told_more_than_nginx_keeps_in_memory() -> None:
    router = {"paths": ["/v1"], "maxBodyBytes": 20_000}
    admin = with_body_buffer("8k")
    admin.configuration["untrusted_lua"] = "on"
    finding = only(admin, wanted=needs({**MODEL, "cache": {"enabled": False}}, router=router))
    assert finding.check == "body buffer"
    assert "the router refuses them (cache.maxBodyBytes or router.maxBodyBytes is 20000)" in finding.message
    assert "KONG_NGINX_HTTP_CLIENT_BODY_BUFFER_SIZE=20k" in finding.fix


def test_memorystores_authority_is_its_own() -> None:
    wanted = needs(SHARED, sharedCache=MEMORYSTORE)
    modules = ["kong.plugins.prometheus.exporter", "resty.redis"]
    finding = only(for_redis(modules), wanted=wanted)
    assert (finding.check, finding.level) == ("certificates", "warning")
    assert findings(for_redis(modules, (BUNDLE, "/etc/kong/server-ca.pem")), wanted) == []


def test_the_enterprise_plugin_needs_an_enterprise_gateway() -> None:
    enterprise, wanted = for_redis({}), shared(kong={"edition": "enterprise"})
    finding = only(enterprise, wanted=wanted)
    assert (finding.check, "kong.edition to community" in finding.fix) == ("edition", True)
    enterprise.root["edition"] = "enterprise"
    assert only(enterprise, wanted=wanted).message == "not available: proxy-cache-advanced"
    enterprise.root["plugins"]["available_on_server"]["proxy-cache-advanced"] = {"version": "3.10.0.1"}
    assert findings(enterprise, wanted) == []


def test_a_stack_for_the_community_edition_runs_on_enterprise_too() -> None:
    admin = for_redis(["resty.redis"])
    admin.root["edition"] = "enterprise"
    assert findings(admin, shared()) == []


def test_a_missing_dictionary_is_told_with_the_setting() -> None:
    admin = with_setting("nginx_http_lua_shared_dict", None)
    del admin.dictionaries["prediction_cache"]
    finding = only(admin)
    assert finding.message == "the nginx shared dictionary prediction_cache does not exist"
    assert finding.fix == 'set KONG_NGINX_HTTP_LUA_SHARED_DICT="prediction_cache 512m" and restart Kong'


def test_a_setting_that_already_holds_another_dictionary_is_told() -> None:
    admin = with_setting("nginx_http_lua_shared_dict", "pcache 64m")
    del admin.dictionaries["prediction_cache"]
    assert only(admin).fix.startswith("use the one that it has (inference-edge:dictionary: pcache)")


def test_a_dictionary_must_hold_the_largest_answer() -> None:
    admin = FakeAdmin()
    admin.dictionaries["prediction_cache"]["capacity"] = "4.00 MiB"
    assert only(admin).message == "prediction_cache has 4 MiB; the largest answers need 4.25 MiB"
    admin.dictionaries["prediction_cache"]["capacity"] = "5.00 MiB"
    assert findings(admin) == []


@pytest.mark.parametrize(("http", "proxy"), [("64k", None), ("1m", None), ("8k", "64k"), ("65536", None)])
def test_a_body_buffer_that_is_large_enough_passes(http: str, proxy: str | None) -> None:
    assert findings(with_body_buffer(http, proxy)) == []


@pytest.mark.parametrize(("http", "proxy"), [("8k", None), ("63k", None), ("1m", "8k")])
def test_a_small_body_buffer_is_told_with_the_setting(http: str, proxy: str | None) -> None:
    finding = only(with_body_buffer(http, proxy))
    assert "KONG_NGINX_HTTP_CLIENT_BODY_BUFFER_SIZE=64k" in finding.fix


def test_the_old_name_of_the_body_buffer_counts_where_there_is_no_directive() -> None:
    admin = with_body_buffer(None)
    admin.configuration["nginx_http_client_body_buffer_size"] = None
    admin.configuration["client_body_buffer_size"] = "8k"
    assert only(admin).check == "body buffer"
    admin.configuration["client_body_buffer_size"] = None
    assert only(admin).level == "warning"


def test_the_key_must_see_enough_headers() -> None:
    assert findings(with_setting("lua_max_req_headers", 30)) == []
    assert only(with_setting("lua_max_req_headers", 29)).check == "headers"


def test_a_stack_without_cache_needs_neither_dictionary_nor_buffer() -> None:
    admin = with_body_buffer("8k")
    admin.dictionaries.clear()
    assert findings(admin, needs({**MODEL, "cache": {"enabled": False}})) == []


def test_everything_is_told_at_once() -> None:
    admin = with_body_buffer("8k")
    admin.configuration.update(database="off", untrusted_lua="off", lua_max_req_headers=10)
    admin.root["version"] = "3.4.2"
    del admin.root["plugins"]["available_on_server"]["acl"]
    admin.dictionaries.clear()
    admin.entities = {"services": [{"id": "s1", "name": "edge-dev-digits", "tags": None}]}
    checks = ["version", "database", "plugins", "untrusted_lua", "dictionary", "body buffer", "headers", "name"]
    assert [finding.check for finding in findings(admin)] == checks


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("8k", 8192),
        ("8K", 8192),
        ("1m", 2**20),
        ("2g", 2**31),
        ("8192", 8192),
        ("128.00 MiB", 2**27),
        ("0.50 KiB", 512),
    ],
)
def test_sizes_as_nginx_and_kong_write_them(text: str, size: int) -> None:
    assert size_in_bytes(text) == size


@pytest.mark.parametrize("text", [None, "", "big", "8 parsecs", "-1k"])
def test_other_texts_are_no_sizes(text: str | None) -> None:
    assert size_in_bytes(text) is None


@pytest.mark.parametrize(
    ("size", "text"), [(1, "1k"), (65_536, "64k"), (65_537, "65k"), (600_000, "1m"), (2**20, "1m")]
)
def test_recommended_sizes_are_rounded_up(size: int, text: str) -> None:
    assert nginx_size(size) == text


def test_a_node_that_tells_nothing_is_not_kong() -> None:
    assert not KongNode({}, None).is_kong
    assert KongNode({"version": "3.9.1", "configuration": {"database": "postgres"}}, None).dictionaries == {}
