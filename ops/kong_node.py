"""What a Kong says about itself: its version, plugins and the settings that matter here.

Usage: ``node = KongNode(root=api.get("/"), status=api.get("/status"))``. Field names: ``GET /`` and ``GET /status`` of
Kong 3.9 and 3.10. A setting that is not told is None.
"""

from __future__ import annotations

import re
from typing import Any

_UNITS = {"": 1, "b": 1, "k": 2**10, "kib": 2**10, "m": 2**20, "mib": 2**20, "g": 2**30, "gib": 2**30}


class KongNode:
    """Reads the answers of the Admin API; sizes in bytes."""

    def __init__(self, root: dict[str, Any], status: dict[str, Any] | None) -> None:
        self._root, self._status = root, status or {}
        self._configuration: dict[str, Any] = root.get("configuration") or {}

    @property
    def is_kong(self) -> bool:
        """Whether the answer of ``GET /`` is that of an Admin API at all."""
        return isinstance(self._root.get("version"), str) and bool(self._configuration)

    @property
    def version(self) -> str:
        """As Kong writes it, such as 3.9.1."""
        return str(self._root.get("version", ""))

    @property
    def release(self) -> tuple[int, int] | None:
        """Major and minor version."""
        match = re.match(r"(\d+)\.(\d+)", self.version)
        return (int(match[1]), int(match[2])) if match else None

    @property
    def plugins(self) -> frozenset[str]:
        """Plugins that can be used."""
        return frozenset((self._root.get("plugins") or {}).get("available_on_server") or ())

    @property
    def edition(self) -> str:
        """``enterprise`` or ``community``: ``edition`` of GET /, told since 3.6."""
        return str(self._root.get("edition") or "community")

    @property
    def sandbox_modules(self) -> frozenset[str]:
        """What Lua in the sandbox may `require`; no list at all in JSON is ``{}``."""
        given = self.setting("untrusted_lua_sandbox_requires")
        return frozenset(map(str, given)) if isinstance(given, list) else frozenset()

    @property
    def trusted_certificates(self) -> tuple[str, ...]:
        """Files with the authorities that outgoing TLS trusts; `system` is told as the path that it was found at."""
        given = self.setting("lua_ssl_trusted_certificate")
        return tuple(map(str, given)) if isinstance(given, list) else ()

    @property
    def dictionaries(self) -> dict[str, int | None]:
        """The nginx shared dictionaries and their sizes."""
        told = (self._status.get("memory") or {}).get("lua_shared_dicts") or {}
        return {name: size_in_bytes((about or {}).get("capacity")) for name, about in told.items()}

    @property
    def injected_dictionary(self) -> str | None:
        """The name of the dictionary that the setting nginx_http_lua_shared_dict adds; there can be one."""
        value = self.setting("nginx_http_lua_shared_dict")
        return str(value).split()[0] if value else None

    @property
    def body_buffer_bytes(self) -> int | None:
        """nginx's client_body_buffer_size where requests are proxied: the server's directive, else the http block's."""
        for block in ("nginx_proxy", "nginx_http"):
            for directive in self._configuration.get(f"{block}_directives") or ():
                if directive.get("name") == "client_body_buffer_size":
                    return size_in_bytes(directive.get("value"))
        names = ("nginx_proxy_client_body_buffer_size", "nginx_http_client_body_buffer_size", "client_body_buffer_size")
        return next((size_in_bytes(self.setting(name)) for name in names if self.setting(name)), None)

    @property
    def next_upstream(self) -> tuple[str, frozenset[str]]:
        """After what a request goes to another target (nginx's proxy_next_upstream), and the setting that says so.

        The location's directive counts, else the server's, else the http block's, else nginx's default.
        """
        for block in ("location", "proxy", "http"):
            for directive in self._configuration.get(f"nginx_{block}_directives") or ():
                if directive.get("name") == "proxy_next_upstream":
                    name = f"KONG_NGINX_{block.upper()}_PROXY_NEXT_UPSTREAM"
                    return name, frozenset(str(directive.get("value")).split())
        return "KONG_NGINX_PROXY_PROXY_NEXT_UPSTREAM", frozenset({"error", "timeout"})

    def setting(self, name: str) -> Any:
        """A value of Kong's configuration."""
        return self._configuration.get(name)


def size_in_bytes(text: Any) -> int | None:
    """``8k``, ``1m``, ``128.00 MiB`` or ``8192`` in bytes; None for anything else."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", str(text))
    unit = _UNITS.get(match[2].lower()) if match else None
    return int(float(match[1]) * unit) if match and unit else None
