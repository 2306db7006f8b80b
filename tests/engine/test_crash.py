"""A run that is killed at any point leaves nothing behind that the next run does not settle."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from local.engine import EngineError
from tests.engine.conftest import MakeEngine
from tests.engine.support.admin_api import MemoryAdminApi
from tests.engine.support.crash import Crash, Killed
from tests.engine.support.programs import callers, empty, shop

Program = Callable[[], None]
SHOP = {"services": 1, "routes": 1, "plugins": 1}
CALLERS = {"consumers": 1, "key-auth": 1, "acls": 1}

SCENARIOS: dict[str, tuple[Program, Program, dict[str, int]]] = {
    "create": (empty, shop(), SHOP),
    "update": (shop(host="a.test"), shop(host="b.test"), SHOP),
    "replace": (shop(plugin="proxy-cache"), shop(plugin="key-auth"), SHOP),
    "exchange": (shop(), callers, CALLERS),
}


def counts(kong: MemoryAdminApi) -> dict[str, int]:
    return {kind: len(entities) for kind, entities in kong.entities.items() if entities}


@pytest.mark.parametrize("name", SCENARIOS)
def test_up_after_a_kill_at_any_point_converges_without_duplicates(
    name: str, make_engine: MakeEngine, kong: MemoryAdminApi, project_dir: Path
) -> None:
    before, after, expected = SCENARIOS[name]
    at = 0
    while True:
        at += 1
        make_engine(before).up()
        with pytest.MonkeyPatch.context() as patch:
            crash = Crash(patch, at=at)
            with contextlib.suppress(EngineError, Killed):
                make_engine(after).up()
        make_engine(after).up()
        assert counts(kong) == expected, f"killed at point {at}"
        changes = make_engine(after).preview().changes
        assert changes["same"] == sum(changes.values()), f"killed at point {at}"
        assert not state_of(project_dir)["pending"]
        make_engine(after).destroy()
        assert counts(kong) == {}, f"killed at point {at}"
        if crash.points < at:
            break
    assert at > 10


def test_destroy_after_a_kill_at_any_point_leaves_nothing(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    at = 0
    while True:
        at += 1
        make_engine(shop()).up()
        with pytest.MonkeyPatch.context() as patch:
            crash = Crash(patch, at=at)
            with contextlib.suppress(EngineError, Killed):
                make_engine(shop()).destroy()
        make_engine(shop()).destroy()
        assert counts(kong) == {}, f"killed at point {at}"
        if crash.points < at:
            break
    assert at > 10


def test_a_killed_creation_is_destroyed_without_another_up(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    for at in range(1, 30, 3):
        with pytest.MonkeyPatch.context() as patch:
            Crash(patch, at=at)
            with pytest.raises((EngineError, Killed)):
                make_engine(shop()).up()
        make_engine(shop()).destroy()
        assert counts(kong) == {}, f"killed at point {at}"


def test_the_adopted_entity_keeps_its_id(make_engine: MakeEngine, kong: MemoryAdminApi) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kong, "on_request", _die_after_first_service(patch))
        with pytest.raises((EngineError, Killed)):
            make_engine(shop()).up()
    [service] = kong.all("services")
    make_engine(shop()).up()
    assert [item["id"] for item in kong.all("services")] == [service["id"]]


def _die_after_first_service(patch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    def on_request(method: str, path: str) -> None:
        if method == "PUT" and path.startswith("/services"):
            Crash(patch, at=1)

    return on_request


def state_of(project_dir: Path) -> dict[str, list[object]]:
    return json.loads((project_dir / ".state" / "shop" / "dev.json").read_text())
