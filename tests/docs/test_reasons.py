"""The tables name every reason that the deployed Lua can give, and no other."""

from __future__ import annotations

import re
from itertools import takewhile

from components.prediction_key import lua_source
from tests.docs.documents import README, ROOT

_STATUS_PAGE = ROOT / "docs" / "cache-status.md"
_REQUEST, _ANSWER = "The **request** got no key", "The **answer** was not stored"
_NOT_REASONS = {"debug", "spoofed"}  # request_key.lua clears these headers and goes on
_REASON = r'"([a-z-]+)"'


def _in_table(line_before: str) -> set[str]:
    after = _STATUS_PAGE.read_text().partition(line_before)[2]
    assert after
    rows = takewhile(lambda line: line.startswith("|"), after.partition("\n\n")[2].splitlines())
    return {reason for row in rows for reason in re.findall(r"`([a-z-]+)`", row.split("|")[1])}


def _in_lua(*names: str) -> set[str]:
    text = "\n".join(lua_source(name) for name in names)
    text = re.sub(r"--.*", "", text)
    found = set(re.findall(rf"\bfail\({_REASON}\)", text))
    for returned in re.findall(r"return (?:nil|false), (.*)", text):
        found |= set(re.findall(_REASON, returned))
    for assigned in re.findall(r"\breason(?:, [\w.]+)? = (.*)", text):
        found |= set(re.findall(rf"(?:^|, |or ){_REASON}", assigned))
    rules = re.search(r"local RULE = \{(.*?)\n\}", text, re.DOTALL)
    if rules:
        found |= set(re.findall(rf"= {_REASON}", rules[1])) - _NOT_REASONS
    return found


def test_every_reason_of_a_request_is_in_the_table() -> None:
    assert _in_table(_REQUEST) == _in_lua("canonical", "request_key")


def test_every_reason_of_an_answer_is_in_the_table() -> None:
    assert _in_table(_ANSWER) == _in_lua("storable")


def test_the_readme_names_reasons_that_are_in_the_tables() -> None:
    named = re.findall(r"`(?:fwd=([a-z]+); )?detail=([a-z-]+)`", README.read_text())
    assert len(named) > 2
    tables = {"bypass": _in_table(_REQUEST), "miss": _in_table(_ANSWER)}
    assert not [(way, reason) for way, reason in named if reason not in tables[way or "bypass"]]


def test_every_reason_of_a_shared_store_is_in_the_table() -> None:
    rows = re.findall(r"^\| `(store-[a-z]+)` \|", (ROOT / "docs" / "stores.md").read_text(), re.M)
    lua = lua_source("store_redis") + lua_source("store_memory")
    assert set(rows) == set(re.findall(r'"(store-[a-z]+)"', lua))


def test_every_answer_of_the_router_is_in_the_table() -> None:
    rows = re.findall(
        r"^\| (\d{3}) \| `([a-z_]+)` \| .* \| `([a-z-]+)` \|$", (ROOT / "docs" / "pools.md").read_text(), re.M
    )
    directory = (ROOT / "components" / "router" / "directory.lua").read_text()
    refusals = re.findall(r'^  (?:\["|)([a-z-]+)(?:"\])? = \{ (\d{3}), "([a-z_]+)",', directory, re.M)
    assert len(refusals) > 10
    assert sorted(rows) == sorted((status, code, reason) for reason, status, code in refusals)


def test_the_words_after_fwd_are_those_of_the_lua() -> None:
    said = set(re.findall(r"`fwd=([a-z]+)", _STATUS_PAGE.read_text()))
    lua = lua_source("post_header_filter")
    forward = re.search(r"local FORWARD = \{(.*)\}", lua)
    assert forward
    assert said == {
        *re.findall(_REASON, forward[1]),
        *re.findall(r"fwd=([a-z]+)", lua),
        *re.findall(r'FORWARD\[.*\] or "([a-z]+)"', lua),
    }
