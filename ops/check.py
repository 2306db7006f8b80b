"""The preflight: is this Kong ready for this stack? A preview asks the Admin API nothing, so this does.

Usage: ``report = check(needs, stack="dev", admin_uri="http://127.0.0.1:8001", token=None)``
"""

from __future__ import annotations

from collections.abc import Iterator

from ops.admin_api import AdminApi, AdminApiError, Remedies, without_credentials
from ops.cache_checks import check_cache
from ops.cache_server import CacheServer
from ops.entity_checks import differences, name_conflicts, plugin_conflicts
from ops.findings import Finding, Report
from ops.known_entities import KnownEntities
from ops.kong_node import KongNode
from ops.needs import Needs
from ops.node_checks import check_node
from ops.shard_checks import check_nodes


def check(
    needs: Needs,
    *,
    stack: str,
    admin_uri: str,
    token: str | None,
    tls_verify: bool = True,
    uri_option: str = "",
    known: KnownEntities | None = None,
    cache: CacheServer | None = None,
) -> Report:
    """Everything found, at once.

    ``uri_option``: of the command line, if that named the address. ``known``: what is in the stack's state; None leaves
    the comparison out. ``cache``: the shared cache, where it is known.
    """
    findings: list[Finding] = []
    version, remedies = "", Remedies(stack, uri_option)
    try:
        with AdminApi(admin_uri, token, tls_verify=tls_verify, remedies=remedies) as api:
            node = _node(api, remedies)
            version = node.version
            findings.extend(check_node(needs, node))
            for finding in _entities(api, needs, known, stack):
                findings.append(finding)
    except AdminApiError as error:
        findings.append(error.finding)
    findings.extend(check_nodes(needs.nodes))
    findings.extend(check_cache(cache) if cache else ())
    return Report(stack, without_credentials(admin_uri), version, tuple(findings))


def _node(api: AdminApi, remedies: Remedies) -> KongNode:
    root = api.get("/")
    node = KongNode(root or {}, None)
    if not node.is_kong:
        message = "what answers there is not Kong's Admin API"
        raise AdminApiError(Finding("reachable", message, f"correct the address: {remedies.set_uri}"))
    return KongNode(root or {}, api.get("/status"))


def _entities(api: AdminApi, needs: Needs, known: KnownEntities | None, stack: str) -> Iterator[Finding]:
    yield from name_conflicts(api, needs)
    yield from plugin_conflicts(api, needs)
    if known is not None:
        yield from differences(api, needs, known, stack)
