"""Whether a Kong has what a stack needs: pure functions from needs and node to findings."""

from __future__ import annotations

from collections.abc import Iterator

from ops.findings import Finding
from ops.kong_node import KongNode
from ops.needs import Needs
from ops.repeat_checks import check_repeats

_OLDEST = (3, 9)
_KEY_HEADERS = 30
_RESTART = "and restart Kong"
_OF_ENTERPRISE = frozenset({"proxy-cache-advanced"})
# Where Kong looks for `system` (kong/tools/system.lua, 3.10).
_SYSTEM_CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def check_node(needs: Needs, node: KongNode) -> Iterator[Finding]:
    """Everything about the node itself that a deployment or a prediction would stumble over."""
    yield from _version(node)
    yield from _database(node)
    yield from _edition(needs, node)
    yield from _plugins(needs, node)
    yield from _sandbox(node)
    yield from _modules(needs, node)
    yield from _trust(needs, node)
    yield from check_repeats(needs, node)
    if needs.dictionary is not None:
        yield from _dictionary(needs, needs.dictionary, node)
    if needs.body_buffer_bytes:
        yield from _body_buffer(needs, node)
        yield from _headers(node)


def _version(node: KongNode) -> Iterator[Finding]:
    release = node.release
    if release is None or release < _OLDEST:
        message = f"{node.version or 'unknown'} is too old: the key's Lua needs the sandbox and body functions of 3.9"
        yield Finding("version", message, "install Kong 3.9 or later")
    elif release[0] > _OLDEST[0]:
        yield Finding("version", f"{node.version} is newer than what this project is tested with", level="warning")


def _database(node: KongNode) -> Iterator[Finding]:
    if node.setting("database") == "off":
        message = "Kong runs without a database, so its Admin API cannot be written to (405)"
        yield Finding("database", message, f"set KONG_DATABASE=postgres and its KONG_PG_* settings {_RESTART}")
    role = node.setting("role")
    if role == "data_plane":
        yield Finding(
            "database", "this is a data plane; it takes no configuration", "use the control plane's Admin API"
        )
    elif role == "control_plane":
        message = "this is a control plane: its settings are checked, those of its data planes are not"
        yield Finding("database", message, "give every data plane the same settings", "warning")


def _edition(needs: Needs, node: KongNode) -> Iterator[Finding]:
    if needs.edition == "enterprise" and node.edition != "enterprise":
        message = f"kong.edition is enterprise, but this is Kong's {node.edition} edition, without proxy-cache-advanced"
        yield Finding("edition", message, "set inference-edge:kong.edition to community, or use an Enterprise gateway")


def _plugins(needs: Needs, node: KongNode) -> Iterator[Finding]:
    missing = sorted(needs.plugins - node.plugins - (_OF_ENTERPRISE if node.edition == "community" else frozenset()))
    if missing:
        yield Finding(
            "plugins",
            f"not available: {', '.join(missing)}",
            f"set KONG_PLUGINS=bundled,{','.join(missing)} {_RESTART}",
        )


def _sandbox(node: KongNode) -> Iterator[Finding]:
    mode = node.setting("untrusted_lua")
    if mode not in ("sandbox", "on"):
        message = f"untrusted_lua is {mode}; Kong then closes the connection of every request that runs the key's Lua"
        yield Finding("untrusted_lua", message, f"set KONG_UNTRUSTED_LUA=sandbox {_RESTART}")


def _modules(needs: Needs, node: KongNode) -> Iterator[Finding]:
    """Only the sandbox asks for a list (kong.conf: "Ignored if untrusted_lua is not sandbox")."""
    missing = [module for module in needs.modules if module.name not in node.sandbox_modules]
    all_of_them = ",".join(sorted(node.sandbox_modules | {module.name for module in missing}))
    for module in missing if node.setting("untrusted_lua") == "sandbox" else ():
        message = f"Lua may not require {module.name}, {module.without}"
        fix = f"set KONG_UNTRUSTED_LUA_SANDBOX_REQUIRES={all_of_them} {_RESTART}"
        yield Finding("sandbox modules", message, fix, module.level)


def _trust(needs: Needs, node: KongNode) -> Iterator[Finding]:
    if needs.trusts != "nobody" and not node.trusted_certificates:
        message = "Kong trusts no certificate authority, so that no TLS connection to the shared cache is made"
        yield Finding("certificates", message, f"set KONG_LUA_SSL_TRUSTED_CERTIFICATE=system {_RESTART}")
    elif needs.trusts == "private" and set(node.trusted_certificates) <= set(_SYSTEM_CERTIFICATES):
        message = "Kong trusts public certificate authorities only; Memorystore's certificate is of one of its own"
        fix = f"download it and set KONG_LUA_SSL_TRUSTED_CERTIFICATE=system,/path/to/server-ca.pem {_RESTART}"
        yield Finding("certificates", message, fix, "warning")


def _dictionary(needs: Needs, name: str, node: KongNode) -> Iterator[Finding]:
    wanted = f'set KONG_NGINX_HTTP_LUA_SHARED_DICT="{name} 512m" {_RESTART}'
    if name not in node.dictionaries:
        other = node.injected_dictionary
        if other and other != name:
            wanted = f"use the one that it has (inference-edge:dictionary: {other}), or rename that: {wanted}"
        yield Finding("dictionary", f"the nginx shared dictionary {name} does not exist", wanted)
        return
    size = node.dictionaries[name]
    if size is not None and size < needs.dictionary_bytes:
        message = f"{name} has {shown_bytes(size)}; the largest answers need {shown_bytes(needs.dictionary_bytes)}"
        yield Finding("dictionary", message, f"{wanted}, or lower cache.maxResponseBytes")


def _body_buffer(needs: Needs, node: KongNode) -> Iterator[Finding]:
    size = node.body_buffer_bytes
    if size is None:
        yield Finding("body buffer", "Kong does not tell its client_body_buffer_size", level="warning")
    elif size < needs.body_buffer_bytes:
        wanted = nginx_size(needs.body_buffer_bytes)
        limit, harm = "cache.maxBodyBytes", "bypass the cache"
        if needs.has_router:
            limit, harm = "cache.maxBodyBytes or router.maxBodyBytes", "bypass the cache, and the router refuses them"
        message = f"{shown_bytes(size)}; larger bodies {harm} ({limit} is {needs.body_buffer_bytes})"
        fix = f"set KONG_NGINX_HTTP_CLIENT_BODY_BUFFER_SIZE={wanted} {_RESTART}, or lower {limit}"
        yield Finding("body buffer", message, fix)


def _headers(node: KongNode) -> Iterator[Finding]:
    most = node.setting("lua_max_req_headers")
    if isinstance(most, int) and most < _KEY_HEADERS:
        message = f"lua_max_req_headers is {most}; requests with more headers bypass the cache"
        yield Finding("headers", message, f"set KONG_LUA_MAX_REQ_HEADERS=100 (at least {_KEY_HEADERS}) {_RESTART}")


def nginx_size(size: int) -> str:
    """Bytes as nginx writes them, rounded up: 65536 is 64k."""
    return f"{-(-size // 2**20)}m" if size > 2**19 else f"{-(-size // 2**10)}k"


def shown_bytes(size: int) -> str:
    """Bytes for a person: 8 KiB, 4.2 MiB."""
    return f"{size / 2**20:.3g} MiB" if size >= 2**20 else f"{size / 2**10:.3g} KiB"
