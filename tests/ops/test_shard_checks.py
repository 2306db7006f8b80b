"""Whether every node of a sharded cluster answers."""

from __future__ import annotations

import socket

from ops.shard_checks import check_nodes
from tests.gateway.model_server import model_server
from tests.stores.support.valkey import free_port, valkey


def test_a_node_that_answers_http_passes() -> None:
    with model_server() as node:
        address = node.url.removeprefix("http://").partition("/")[0]
        assert list(check_nodes([address, address])) == []
    assert list(check_nodes([])) == []


def test_nodes_that_do_not_are_named() -> None:
    refused = f"127.0.0.1:{free_port()}"
    with socket.create_server(("127.0.0.1", 0)) as silent, valkey() as other:
        nodes = [refused, f"127.0.0.1:{silent.getsockname()[1]}", f"{other.host}:{other.port}"]
        found = [finding.message.partition(";")[0] for finding in check_nodes(nodes)]
    assert found == [
        f"{nodes[0]} cannot be connected to",
        f"{nodes[1]} does not answer within 3 s",
        f"{nodes[2]} answers no HTTP (RemoteProtocolError)",
    ]
