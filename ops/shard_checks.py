"""Whether the nodes among which the answers are divided are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from ops.findings import Finding

_TIMEOUT_SECONDS = 3.0
_AT_ONCE = 16


def check_nodes(nodes: Sequence[str]) -> Iterator[Finding]:
    """Asks the proxy of every node, `host:port`; any answer will do, also that no route matched."""
    if not nodes:
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for node, wrong in zip(nodes, pool.map(_wrong_with, nodes), strict=True):
            if wrong:
                fix = "start it, correct inference-edge:kong.nodes, or check from a place that reaches all nodes"
                yield Finding("nodes", f"{node} {wrong}; the answers that it should keep come from the model", fix)


def _wrong_with(node: str) -> str:
    try:
        httpx.get(f"http://{node}/", timeout=_TIMEOUT_SECONDS, trust_env=False)
    except httpx.TimeoutException:
        return f"does not answer within {_TIMEOUT_SECONDS:g} s"
    except httpx.ConnectError:
        return "cannot be connected to"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"answers no HTTP ({type(error).__name__})"
    return ""
