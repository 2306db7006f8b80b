"""How the deployed Lua sends a request to a slot."""

from __future__ import annotations

from typing import Any

from lupa.luajit21 import LuaRuntime

from components import lua

_STUB = """
local sent = ...
ngx = { shared = {}, ctx = {}, req = { set_header = function(name, value) sent[name] = value end } }
"""
_KEYS = {"dictionary": "missing", "slot_key": "slot:", "in_flight_key": "in_flight:", "header": "H"}


def test_a_node_without_the_dictionary_sends_requests_all_the_same() -> None:
    runtime: Any = LuaRuntime()
    sent = runtime.table()
    chunk = lua.chunk({"C": _KEYS}, "pool/memory", "pool/targets", "pool/least_connections")
    runtime.execute(_STUB + chunk, sent)()
    assert 0 <= int(sent["H"]) < 1024
