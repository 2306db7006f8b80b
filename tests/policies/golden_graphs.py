"""The golden graphs, and those of Google's edges, as a policy pack gets them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from components.edge.cloud_cdn import CloudCdnEdge
from components.edge.media_cdn import MediaCdnEdge
from local.engine import EmbeddedEngine
from tests.components.edge.google.arguments import cloud_args, media_args
from tests.components.edge.google.memory_gcp import MemoryGcp
from tests.policies.resources import Res
from tests.stacks.projects import COMMITTED, CONFIGS, ROOT, STACKS

GOOGLE = ("media-cdn", "cloud-cdn")
GOLDEN = Path(__file__).parents[1] / "stacks" / "golden"
GRAPHS = [stack for stack in STACKS if (GOLDEN / f"{stack}.json").is_file()]
_SOURCE = re.compile(r"<(\w+\.(?:lua|js))>")
_SOURCES = {path.name: path for path in (ROOT / "components").rglob("*.*") if path.suffix in (".lua", ".js")}
_ORIGIN = {"domain": "kong.example.com"}
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


def google_graph(product: str, folder: Path) -> list[Res]:
    """The resources of one of Google's edges with everything on."""

    def program() -> None:
        if product == "media-cdn":
            MediaCdnEdge("edge", media_args(origin=_ORIGIN))
        else:
            CloudCdnEdge("edge", cloud_args(origin=_ORIGIN))

    (folder / "Pulumi.yaml").write_text("name: inference-edge\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    engine = EmbeddedEngine(
        folder, "dev", folder / ".state", program=program, passphrase="", providers={"gcp": lambda _: MemoryGcp()}
    )
    labels = {"gcp:defaultLabels": {"project": "inference-edge", "stack": "dev"}}
    return [_resource(item, labels) for item in engine.up().graph_with(show_secrets=True)]
