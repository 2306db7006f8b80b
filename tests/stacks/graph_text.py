"""A stack's graph as text that is good to review."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from components.prediction_key import lua_source
from local.engine import EmbeddedEngine
from tests.components.recording import Recorder

ROOT = Path(__file__).resolve().parents[2]
STACKS = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
_LUA = {path.stem: lua_source(path.stem) for path in sorted((ROOT / "components/prediction_key").glob("*.lua"))}


def graph_text(stack: str, state_dir: Path) -> str:
    """The graph of a committed stack, deployed with ids and secrets that never change.

    A plugin's configuration is shown as JSON, the text of a .lua file by the file's name, so that a change of it is
    reviewed there alone. A secret is shown as {"[secret]": what it holds when the test's values are generated}.
    """
    engine = EmbeddedEngine(ROOT, stack, state_dir, passphrase="", providers=Recorder().providers)
    result = engine.up()
    masked = {item["urn"]: item for item in result.graph}
    shown = [_shown(item, masked[item["urn"]]) for item in result.graph_with(show_secrets=True)]
    return json.dumps(shown, indent=1, ensure_ascii=False) + "\n"


def _shown(clear: dict[str, Any], masked: dict[str, Any]) -> dict[str, Any]:
    inputs = {name: _input(name, value, masked["inputs"][name]) for name, value in clear["inputs"].items()}
    return {**clear, "inputs": inputs}


def _input(name: str, value: Any, masked: Any) -> Any:
    shown = _chunks(json.loads(value)) if name == "configJson" else value
    return {"[secret]": shown} if masked == "[secret]" else shown


def _chunks(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration with every Lua chunk as its first lines and the names of the files that follow them."""
    return {
        key: [_chunk(item) for item in value] if isinstance(value, list) else value for key, value in config.items()
    }


def _chunk(item: Any) -> Any:
    if not isinstance(item, str) or not item.startswith("local C = "):
        return item
    for name, text in _LUA.items():
        item = item.replace(text, f"<{name}.lua>")
    return item.splitlines()
