"""The directory has an answer for every reason that the entry refuses for, and it is JSON whatever was asked."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lupa.luajit21 import LuaRuntime

import components
from components.router.render import RoutedName, RouterSettings, Version, directory_phases
from tests.router_lua.entry import SETTINGS, Entry

SOURCE = Path(components.__file__).parent / "router"
REASONS = sorted(
    {
        *re.findall(r'(?:refuse\(|refused = |nil, )"([a-z-]+)"', (SOURCE / "route_by_model.lua").read_text()),
        "missing",
    }
)
_STUB = """
local answer, username, routing
ngx = { ctx = {} }
kong = {
  response = { exit = function(...) answer = { ... } end },
  client = { get_consumer = function() return username and { username = username } end },
}
return function(handler)
  return function(new_routing, new_username)
    ngx.ctx.routing, username, answer = new_routing, new_username, nil
    handler()
    return answer[1], answer[2], answer[3].Allow
  end
end
"""


class Directory:
    """status, document, allow = Directory(SETTINGS).ask({"refused": "missing"})"""

    def __init__(self, settings: RouterSettings = SETTINGS) -> None:
        lua = LuaRuntime(unpack_returned_tuples=True)  # type: ignore[call-arg]
        run: Callable[..., Any] = lua.execute  # type: ignore[assignment]
        self._ask = run(_STUB)(run(directory_phases(settings)["access"][0]))
        self._table: Any = lua.table_from

    def ask(self, routing: dict[str, Any] | None, username: str | None = None) -> tuple[int, Any, str | None]:
        status, body, allow = self._ask(None if routing is None else self._table(routing), username)
        return int(status), json.loads(body), allow


def test_the_reasons_are_those_of_the_entry() -> None:
    assert len(REASONS) == 15 and {"unknown", "size", "served-name", "error", "headers"} <= set(REASONS)


@pytest.mark.parametrize("header", [None, "x-model"])
@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_an_answer(reason: str, header: str | None) -> None:
    directory = Directory(dataclasses.replace(SETTINGS, model_header=header))
    status, document, _ = directory.ask({"refused": reason, "detail": "detail"})
    assert 400 <= status <= 500
    assert set(document["error"]) >= {"message", "type", "param", "code"}
    assert (document["error"]["type"] == "server_error") == (status >= 500)


def test_without_the_entry_nothing_works() -> None:
    status, document, _ = Directory().ask(None)
    assert (status, document["error"]["code"], document["error"]["param"]) == (503, "router_missing", None)


def test_a_routed_request_that_comes_here_has_no_route() -> None:
    status, document, _ = Directory().ask({"name": "a", "model": "alpha"})
    assert (status, document["error"]["message"]) == (404, "There is no model 'a'")


@pytest.mark.parametrize("name", ['"', "\\", "a\n", "\u2028", "a" * 200, "", "%s", "${x}", "a'b"])
def test_a_name_never_breaks_the_answer(name: str) -> None:
    _, document, _ = Directory().ask({"refused": "unknown", "detail": name})
    assert document["error"]["message"] == "There is no model of that name"


def test_a_caller_is_told_what_it_may_use() -> None:
    names = (
        RoutedName("open", (Version("words"),)),
        RoutedName("both", (Version("alpha"), Version("beta"))),
        RoutedName("kept", (Version("beta", 0), Version("alpha"))),
    )
    settings = dataclasses.replace(
        SETTINGS,
        names=names,
        keyed=frozenset({"alpha", "beta"}),
        callers={"all": ["alpha", "beta"], "one": ["alpha"], "none": []},
    )
    directory = Directory(settings)

    def told(username: str | None) -> list[str]:
        _, document, _ = directory.ask({"lists": True}, username)
        _, refused, _ = directory.ask({"refused": "unknown", "detail": "x"}, username)
        names = [model["id"] for model in document["data"]]
        assert refused["error"]["models"] == names
        return names

    assert told("all") == ["both", "kept", "open"]
    assert told("one") == ["kept", "open"]
    assert told("none") == told("stranger") == told(None) == ["open"]
    everybody = Directory(dataclasses.replace(settings, callers=None))
    assert len(everybody.ask({"lists": True}, "stranger")[1]["data"]) == 3


def test_an_empty_list_is_a_list() -> None:
    settings = dataclasses.replace(SETTINGS, keyed=frozenset({"alpha", "beta"}), callers={})
    assert Directory(settings).ask({"lists": True})[1] == {"object": "list", "data": []}
    assert Directory(settings).ask({"refused": "unknown", "detail": "x"})[1]["error"]["models"] == []


def test_a_thousand_names_of_twenty_versions_fit_into_one_function() -> None:
    versions = tuple(Version(f"model-{i}", served_name=f"served/name-{i}") for i in range(20))
    names = tuple(RoutedName(f"name-{i}", versions, Version("model-20")) for i in range(1_000))
    settings = dataclasses.replace(SETTINGS, names=names)
    assert Entry(settings).ask(b'{"model": "name-999"}').model in {version.model for version in versions}
    assert len(Directory(settings).ask({"lists": True})[1]["data"]) == 1_000
