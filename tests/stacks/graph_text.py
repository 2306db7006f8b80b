"""A stack's graph as text that is good to review."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from components.edge.cloudfront.function import JwtRules, render
from local.engine import EmbeddedEngine
from tests.components.recording import Recorder
from tests.stacks.projects import PASSPHRASE, ROOT, lay_project

_LUA = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "components").glob("*/*.lua"))}
_VIEWER_REQUEST = render({}, None).split("\n", 1)[1]
_JWT = render({}, JwtRules(("x" * 32,))).split("\n", 2)[2].removesuffix(_VIEWER_REQUEST)
_SOURCES = {**_LUA, "viewer_request.js": _VIEWER_REQUEST.rstrip("\n"), "jwt.js": _JWT.rstrip("\n")}


def graph_text(stack: str, folder: Path) -> str:
    """The graph of a stack, deployed with ids and secrets that never change.

    Names are sorted, as an RPC message has no order. A text that is JSON is shown as such, the text of a .lua or .js
    file by the file's name and its digest not at all, so that a change of it is reviewed there alone. A secret is shown
    as {"[secret]": what it holds when the test's values are generated}.
    """
    engine = EmbeddedEngine(
        lay_project(stack, folder / "project"),
        stack,
        folder / "state",
        passphrase=PASSPHRASE,
        providers=Recorder().providers,
    )
    result = engine.up()
    masked = {item["urn"]: item for item in result.graph}
    shown = [_shown(item, masked[item["urn"]]) for item in result.graph_with(show_secrets=True)]
    return json.dumps(shown, indent=1, ensure_ascii=False) + "\n"


def _shown(clear: dict[str, Any], masked: dict[str, Any]) -> dict[str, Any]:
    inputs = {name: _input(value, masked["inputs"][name]) for name, value in clear["inputs"].items()}
    return {**clear, "inputs": inputs}


def _input(value: Any, masked: Any) -> Any:
    """A value for review; the parts of it that are secret stand below [secret]."""
    if masked == "[secret]":
        return {"[secret]": _text(_sorted(value))}
    if isinstance(value, dict):
        return {name: _input(value[name], masked[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_input(*items) for items in zip(value, masked, strict=True)]
    return _text(value)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _text(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_text(item) for item in value]
    if not isinstance(value, str):
        return value
    if re.match(r"[\[{]", value):
        try:
            return _text(json.loads(value))
        except ValueError:
            return value
    if value.startswith(("local C = ", "const ROUTES=", "import crypto")):
        return _source(value)
    return re.sub(r"(?<=, function )[0-9a-f]{12}$", "<digest>", value)


def _source(text: str) -> list[str]:
    """The first lines of a source, and the names of the files that follow them."""
    for name, content in _SOURCES.items():
        text = text.replace(content, f"<{name}>")
    return text.splitlines()
