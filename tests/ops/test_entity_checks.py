"""Names that are taken, and entities that nobody owns."""

from __future__ import annotations

import pytest

from tests.ops.fake_admin import FakeAdmin
from tests.ops.support import TAGS, findings


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


def test_our_own_entities_are_no_conflict() -> None:
    admin = FakeAdmin(entities={"services": [entity("s1", "edge-dev-digits", TAGS)]})
    assert findings(admin) == []


def test_tagged_entities_that_the_state_does_not_know_are_orphans() -> None:
    services = [entity(f"s{i}", f"edge-dev-m{i}", TAGS) for i in range(5)]
    plugins = [{"id": "p1", "name": "proxy-cache", "tags": TAGS}, {"id": "p2", "name": "cors", "tags": ["stack:dev"]}]
    admin = FakeAdmin(entities={"services": services, "plugins": plugins})
    found = findings(admin, known_ids=frozenset({"s0", "s1", "s3"}))
    assert [finding.message.split()[:3] for finding in found] == [
        ["edge-dev-m2", "in", "services"],
        ["edge-dev-m4", "in", "services"],
        ["proxy-cache", "in", "plugins"],
    ]
    assert {finding.level for finding in found} == {"warning"}


def test_without_a_state_nothing_is_called_an_orphan() -> None:
    admin = FakeAdmin(entities={"services": [entity("s9", "edge-dev-old", TAGS)]})
    assert findings(admin, known_ids=None) == []
