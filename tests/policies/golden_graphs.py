"""The golden graphs as a policy pack gets them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from tests.policies.resources import Res
from tests.stacks.projects import COMMITTED, CONFIGS, ROOT, STACKS

GOLDEN = Path(__file__).parents[1] / "stacks" / "golden"
GRAPHS = [stack for stack in STACKS if (GOLDEN / f"{stack}.json").is_file()]
_SOURCE = re.compile(r"<(\w+\.(?:lua|js))>")
_SOURCES = {path.name: path for path in (ROOT / "components").rglob("*.*") if path.suffix in (".lua", ".js")}
_DEFAULT_TAGS = {"aws": "defaultTags", "gcp": "defaultLabels"}


def golden_graph(stack: str) -> list[Res]:
    """All resources of a stack."""
    folder = ROOT if stack in COMMITTED else CONFIGS
    config = yaml.safe_load((folder / f"Pulumi.{stack}.yaml").read_text())["config"]
    return [_resource(item, config) for item in json.loads((GOLDEN / f"{stack}.json").read_text())]


def _resource(item: dict[str, Any], config: dict[str, Any]) -> Res:
    package = item["type"].split(":")[0]
    setting = _DEFAULT_TAGS.get(package, "")
    tags = config.get(f"{package}:{setting}")
    return Res(
        item["type"],
        item["urn"].split("::")[-1],
        _clear(item["inputs"]),
        item["propertyDependencies"],
        item["options"]["protect"],
        {setting: tags} if tags else {},
        urn_=item["urn"],
    )


def _clear(value: Any) -> Any:
    """A value with its secrets, and with the sources that the golden file shows by name."""
    if isinstance(value, dict):
        return _clear(value["[secret]"]) if set(value) == {"[secret]"} else {k: _clear(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_clear(item) for item in value]
    if isinstance(value, str):
        return _SOURCE.sub(lambda match: _SOURCES[match[1]].read_text(), value)
    return value
