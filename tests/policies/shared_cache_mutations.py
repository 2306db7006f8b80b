"""What can be broken at a shared cache."""

from __future__ import annotations

from typing import Any

from policies.rules.places import is_loopback
from tests.policies.cases.shared_cache import ALARM, FIREWALL, OWN, POLICY, REDIS, SERVERLESS, USER
from tests.policies.mutation import Break, Mutation, each, plugin, put
from tests.policies.resources import Res


def _elsewhere(change: Break) -> Break:
    """The server that a plugin names, unless it is on this machine."""
    return lambda config: False if is_loopback(config["redis"]["host"]) else change(config["redis"])


def _existing(change: Break) -> Break:
    """The server that the component is given."""

    def change_existing(props: dict[str, Any]) -> bool | None:
        server = props.get("existing")
        return False if server is None or is_loopback(server["host"]) else change(server)

    return change_existing


def _without_alarms(graph: Any) -> Any:
    caches = [item for item in graph if item.type in (SERVERLESS, REDIS)]
    if caches:
        yield [item for item in graph if not _is_alarm(item)]


def _is_alarm(item: Res) -> bool:
    return item.type in (ALARM, POLICY) and "shared-cache" in item.name


MUTATIONS = [
    plugin("shared-cache-tls", "clear", "proxy-cache-advanced", _elsewhere(put("ssl", value=False))),
    plugin("shared-cache-tls", "any certificate", "proxy-cache-advanced", _elsewhere(put("ssl_verify", value=False))),
    each("shared-cache-tls", "redis://", OWN, _existing(put("tls", value=False))),
    each("shared-cache-tls", "Memorystore in clear", REDIS, put("transitEncryptionMode", value="DISABLED")),
    each("shared-cache-tls", "Memorystore by default", REDIS, put("transitEncryptionMode", value=None)),
    each("shared-cache-authentication", "no password", OWN, _existing(put("password", value=None))),
    each("shared-cache-authentication", "no users", SERVERLESS, put("userGroupId", value=None)),
    each("shared-cache-authentication", "no password of a user", USER, put("noPasswordRequired", value=True)),
    each("shared-cache-authentication", "no AUTH", REDIS, put("authEnabled", value=False)),
    each("shared-cache-authentication", "no AUTH by default", REDIS, put("authEnabled", value=None)),
    each("shared-cache-rights", "everything", USER, put("accessString", value="on ~* +@all")),
    each("shared-cache-network", "the internet", FIREWALL, put("ingress", 0, "cidrBlocks", value=["0.0.0.0/0"])),
    each("shared-cache-cost-limits", "any amount", SERVERLESS, put("cacheUsageLimits", "dataStorage", value=None)),
    each("shared-cache-cost-limits", "any load", SERVERLESS, put("cacheUsageLimits", "ecpuPerSeconds", value=None)),
    Mutation("shared-cache-alarms", "nobody is told", _without_alarms),
]
