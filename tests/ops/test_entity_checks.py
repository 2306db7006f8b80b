"""Names that are taken, and entities that nobody owns."""

from __future__ import annotations

import pytest

from ops.findings import Finding
from ops.known_entities import KnownEntities, KnownEntity
from tests.ops.fake_admin import FakeAdmin
from tests.ops.support import TAGS, findings, needs


def entity(id_: str, name: str, tags: list[str] | None) -> dict[str, object]:
    return {"id": id_, "name": name, "tags": tags}


@pytest.mark.parametrize("tags", [None, [], ["project:edge"], ["project:edge", "stack:prod"]])
@pytest.mark.parametrize("collection", ["services", "routes"])
def test_a_name_without_our_tags_is_a_conflict(collection: str, tags: list[str] | None) -> None:
    admin = FakeAdmin(entities={collection: [entity("x1", "edge-dev-digits", tags)]})
    (finding,) = findings(admin)
    assert finding.message == (
        f"edge-dev-digits exists in {collection} without this stack's tags (project:edge, stack:dev)"
    )
    assert "x1" in finding.fix


def test_a_consumer_is_found_by_its_username() -> None:
    admin = FakeAdmin(entities={"consumers": [{"id": "c1", "username": "edge-dev-default", "tags": None}]})
    assert [finding.check for finding in findings(admin)] == ["name"]


PRE_FUNCTION = {"id": "p1", "name": "pre-function", "tags": None, "service": None, "route": None, "consumer": None}
ROUTER = {"router": {"paths": ["/v1"]}}


def of_plugins(*plugins: dict[str, object]) -> FakeAdmin:
    admin = FakeAdmin(entities={"plugins": [*plugins]})
    admin.configuration["untrusted_lua"] = "on"
    return admin


def test_another_pre_function_of_all_routes_stands_in_the_routers_place() -> None:
    of_service = {**PRE_FUNCTION, "id": "p0", "service": {"id": "s1"}}
    others = [of_service, {**PRE_FUNCTION, "id": "p2", "name": "cors"}, PRE_FUNCTION]
    (finding,) = findings(of_plugins(*others), needs(**ROUTER))
    assert finding.message == "there is a pre-function for all routes already, where the router's has to be"
    assert "(id p1)" in finding.fix
    assert findings(of_plugins(*others), needs()) == []


def test_our_own_pre_function_is_no_conflict() -> None:
    assert findings(of_plugins({**PRE_FUNCTION, "tags": TAGS}), needs(**ROUTER)) == []


def test_the_names_of_pools_and_of_the_router_are_looked_at() -> None:
    admin = FakeAdmin(
        entities={
            "upstreams": [entity("u1", "edge-dev-chat-pool", None)],
            "services": [entity("s1", "edge-dev-models_directory", None)],
            "routes": [entity("r1", "edge-dev-chat_routed", None)],
        }
    )
    admin.configuration["untrusted_lua"] = "on"
    chat = {"name": "chat", "version": "1", "pool": {"name": "chat"}}
    pools = [{"name": "chat", "targets": [{"address": "127.0.0.1:8081"}]}]
    found = findings(admin, needs(chat, pools=pools, **ROUTER))
    assert [finding.message.split()[0] for finding in found] == [
        "edge-dev-models_directory",
        "edge-dev-chat_routed",
        "edge-dev-chat-pool",
    ]


def test_our_own_entities_are_no_conflict() -> None:
    admin = FakeAdmin(entities={"services": [entity("s1", "edge-dev-digits", TAGS)]})
    assert findings(admin) == []


def test_tagged_entities_that_the_state_does_not_know_are_orphans() -> None:
    services = [entity(f"s{i}", f"edge-dev-m{i}", TAGS) for i in range(5)]
    plugins = [{"id": "p1", "name": "proxy-cache", "tags": TAGS}, {"id": "p2", "name": "cors", "tags": ["stack:dev"]}]
    admin = FakeAdmin(entities={"services": services, "plugins": plugins})
    found = findings(admin, known=KnownEntities(frozenset({"s0", "s1", "s3"})))
    assert [finding.message.split()[:3] for finding in found] == [
        ["edge-dev-m2", "in", "services"],
        ["edge-dev-m4", "in", "services"],
        ["proxy-cache", "in", "plugins"],
    ]
    assert {finding.level for finding in found} == {"warning"}


def test_without_a_state_nothing_is_called_an_orphan() -> None:
    admin = FakeAdmin(entities={"services": [entity("s9", "edge-dev-old", TAGS)]})
    assert findings(admin, known=None) == []


def test_what_was_deployed_and_is_not_there_is_told() -> None:
    mine = [entity("s0", "edge-dev-m0", TAGS), entity("s1", "edge-dev-m1", ["changed by hand"])]
    admin = FakeAdmin(entities={"services": mine})
    deployed = [KnownEntity("services", f"s{number}", f"edge-dev-m{number}") for number in range(4)]
    known = KnownEntities(frozenset(f"s{number}" for number in range(4)), (*deployed,))
    (finding,) = findings(admin, known=known)
    assert finding == Finding(
        "state",
        "2 of the 4 entities that were deployed are not in this Kong, such as edge-dev-m2 in services",
        "make refresh STACK=dev, then make up STACK=dev: up alone takes them for there",
        "warning",
    )
    mine += [entity("s2", "edge-dev-m2", TAGS), entity("s3", "edge-dev-m3", TAGS)]
    assert findings(admin, known=known) == []
