"""Several nodes of one cluster agree on the owner of a key, and can be each other's targets."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.kong.balancer.balanced import Balanced, wait_until
from tests.kong.running import running_node, send

KEYS = [f"key-{number}" for number in range(30)]
OWNER = "kong.response.exit(200, { node = kong.node.get_id() })"
KEY = 'kong.service.request.set_header("Xpredictionkey", kong.request.get_query_arg("key"))'


def owner(proxy: str, path: str, key: str) -> str | None:
    """The upstream or node that answered."""
    answer = send(proxy, "GET", f"{path}?key={key}&sleep=0", {"X-Digest": key})
    return (answer.body.get("by") or answer.body.get("node")) if answer.status == 200 else None


def test_a_second_node_chooses_as_the_first_and_follows_its_targets(world: Balanced) -> None:
    a, b, c = world.ports
    world.upstream("shared", a, b, hash_on="header", hash_on_header="X-Digest")
    with running_node(world.kong.admin) as second:
        first = {key: owner(world.kong.proxy, "/shared", key) for key in KEYS}
        assert set(first.values()) == {f"u{a}", f"u{b}"}
        assert {key: owner(second, "/shared", key) for key in KEYS} == first
        world.add("shared", c)
        changed = {key: owner(world.kong.proxy, "/shared", key) for key in KEYS}
        assert set(changed.values()) == {f"u{a}", f"u{b}", f"u{c}"}
        wait_until(lambda: {key: owner(second, "/shared", key) for key in KEYS} == changed)


def test_a_key_has_one_owner_whichever_node_is_asked(world: Balanced) -> None:
    with running_node(world.kong.admin) as second:
        nodes = [urlsplit(proxy).netloc for proxy in (world.kong.proxy, second)]
        hashed = {"hash_on": "header", "hash_on_header": "Xpredictionkey", "slots": 65536}
        world.upstream("sharded", *(int(node.rpartition(":")[2]) for node in nodes), **hashed)
        send(world.kong.admin, "PATCH", "/services/sharded", body={"path": "/owned"})
        world.kong.create("/routes/sharded/plugins", {"name": "post-function", "config": {"access": [KEY]}})
        world.kong.route(world.ports[0], "/owned", post_function={"access": [OWNER]})
        wait_until(lambda: None not in {owner(second, "/sharded", key) for key in KEYS})
        owners = {key: owner(world.kong.proxy, "/sharded", key) for key in KEYS}
        assert len(set(owners.values())) == 2
        assert {key: owner(second, "/sharded", key) for key in KEYS} == owners
