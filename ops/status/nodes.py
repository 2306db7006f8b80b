"""The Kong nodes of a stack, and what each of them counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ops.admin_api import AdminApiError, without_credentials
from ops.findings import Finding
from ops.status.in_time import answers_in_time
from ops.status.metrics_api import MetricsApi
from ops.status.reading import Reading

_REQUESTS = "kong_inference_edge_requests_total"
_REQUESTS_OF_KONG = "kong_http_requests_total"
_LONGEST_SECONDS = 20.0  # for one node, however it answers
_DATA_PLANES = "name the Status API of each data plane: --node http://10.0.0.5:8100"
_CORRECT_NODE = "start this Kong with KONG_STATUS_LISTEN, or correct --node"


@dataclass(frozen=True)
class Node:
    """Where one node shows its metrics: its own Status API, or the Admin API, which also wants the token."""

    uri: str
    is_admin: bool
    token: str | None = None
    tls_verify: bool = True

    @property
    def name(self) -> str:
        """The address, for people."""
        return without_credentials(self.uri)

    def read(self) -> Reading | Finding:
        """What it has counted so far, or why that is not known."""
        try:
            api = MetricsApi(self.uri, self.token, tls_verify=self.tls_verify)
            with api:
                reading = Reading.parse(api.metrics())
                if self.is_admin and not _has_counted(reading) and api.is_control_plane:
                    return Finding("metrics", "this is a control plane, which has no requests to count", _DATA_PLANES)
                return reading
        except AdminApiError as error:
            return error.finding if self.is_admin else _of_status_api(error.finding)
        except UnicodeError:
            return Finding("reachable", "its host name is none", _CORRECT_NODE)
        except (ValueError, RecursionError):
            return Finding("metrics", "its metrics are not in Prometheus' text format", "is it a Kong?")


@dataclass(frozen=True)
class NodeReading:
    """What a node counted: since its start, or in the interval. `problem` is None when there is a reading."""

    name: str
    reading: Reading | None
    problem: Finding | None = None
    was_restarted: bool = False
    """In the interval, so that the reading begins there."""


def read_nodes(
    nodes: Sequence[Node], services: Sequence[str], wait: Callable[[], None] | None = None
) -> tuple[NodeReading, ...]:
    """All nodes at once; with `wait` before and after it, for what they count meanwhile.

    `services`: names of the stack's services; a node that answers their requests and counts none of them is told.
    """
    first = second = _read_all(nodes)
    if wait is not None:
        wait()
        second = _read_all(nodes)
    found = zip(nodes, first, second, strict=True)
    readings = [_node_reading(node, before, after, services, wait is not None) for node, before, after in found]
    return tuple(_each_once(readings))


def _read_all(nodes: Sequence[Node]) -> list[Reading | Finding]:
    answers = answers_in_time(_LONGEST_SECONDS, [node.read for node in nodes])
    late = Finding("reachable", f"no whole answer within {_LONGEST_SECONDS:g} s", "is it another program's address?")
    return [late if answer is None else answer for answer in answers]


def _each_once(readings: Sequence[NodeReading]) -> Iterator[NodeReading]:
    """Two addresses may be those of one node, or of a load balancer: nothing is counted twice."""
    names: dict[str, str] = {}
    for found in readings:
        if found.reading is None:
            yield found
            continue
        ids = (found.name, found.reading.node_id or found.name)
        same = next((names[id_] for id_ in ids if id_ in names), None)
        if same is None:
            names.update(dict.fromkeys(ids, found.name))
            yield found
        else:
            message = f"it is the same node as {same}: its numbers are counted once"
            yield NodeReading(found.name, None, Finding("metrics", message, "name each node once, by its own address"))


def _node_reading(
    node: Node, before: Reading | Finding, after: Reading | Finding, services: Sequence[str], has_waited: bool
) -> NodeReading:
    if isinstance(before, Finding):
        return NodeReading(node.name, None, before)
    if isinstance(after, Finding):
        return NodeReading(node.name, None, after)
    if _counts_none(after, services):
        message = "it answers this stack's requests, and counts none of them: Lua may not require the exporter"
        fix = (
            "add kong.plugins.prometheus.exporter to KONG_UNTRUSTED_LUA_SANDBOX_REQUIRES and restart Kong; "
            "if it is there, deploy the stack anew: make up"
        )
        return NodeReading(node.name, None, Finding("metrics", message, fix))
    if not has_waited:
        return NodeReading(node.name, after)
    return NodeReading(node.name, after.since(before), was_restarted=after.was_reset_since(before))


def _of_status_api(finding: Finding) -> Finding:
    fix = _CORRECT_NODE if "kong:kongAdmin" in finding.fix else finding.fix
    return replace(finding, message=finding.message.replace("Admin API", "Status API"), fix=fix)


def _counts_none(reading: Reading, services: Sequence[str]) -> bool:
    return not _has_counted(reading) and any(reading.total(_REQUESTS_OF_KONG, service=service) for service in services)


def _has_counted(reading: Reading) -> bool:
    return any(name == _REQUESTS for name, _ in reading.samples)
