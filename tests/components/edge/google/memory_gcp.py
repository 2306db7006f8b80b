"""Google Cloud in memory: every resource is made at once, with ids, names and computed outputs like Google's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local.engine import EmbeddedEngine
from local.engine.providers.base import Live, OwnedIds
from local.engine.providers.registry import Factory
from local.engine.values import UNKNOWN, Properties
from tests.components.edge.cloudfront.memory_aws import MemoryAws
from tests.components.trial_stack import Program, TrialStack

PROJECT = "projects/of-the-tests"
ADDRESSES = {"IPV4": "192.0.2.1", "IPV6": "2001:db8::1"}
MEDIA_ADDRESSES = {"ipv4Addresses": ["192.0.2.7"], "ipv6Addresses": ["2001:db8::7"]}

_COMPUTED: Mapping[str, Callable[[Properties], Properties]] = {
    "EdgeCacheService": lambda _: MEDIA_ADDRESSES,
    "GlobalAddress": lambda inputs: {"address": ADDRESSES[inputs["ipVersion"]]},
    "DnsAuthorization": lambda inputs: {
        "dnsResourceRecords": [
            {"name": f"_acme-challenge.{inputs['domain']}.", "type": "CNAME", "data": "1.authorize.goog."}
        ]
    },
}


def made_id(resource: Mapping[str, Any]) -> str:
    """The id that a resource of a graph was given when it was created."""
    kind, inputs = resource["type"].split(":")[-1], resource["inputs"]
    digest = hashlib.sha256(repr(_plain(inputs)).encode()).hexdigest()[:8]
    return f"{PROJECT}/global/{kind}/{inputs.get('name', f'{kind.lower()}-{digest}')}"


def name_of(id_: str) -> str:
    """The name in an id."""
    return id_.split("/")[-1]


def self_link(id_: str) -> str:
    """The URL of what has an id."""
    return f"https://www.googleapis.com/{id_}"


class MemoryGcp(MemoryAws):
    """As MemoryAws, which notes the calls, but with Google's outputs."""

    def planned_outputs(self, type_: str, inputs: Properties, old_outputs: Properties) -> Properties:
        computed = dict.fromkeys(["id", "name", "selfLink", *_computed(type_, {**inputs, "domain": "x"})], UNKNOWN)
        return {**computed, **old_outputs, **inputs}

    def create(self, type_: str, id_: str, inputs: Properties, owned_ids: OwnedIds) -> Live:
        self._note("create", type_)
        made = made_id({"type": type_, "inputs": inputs})
        known = {"name": name_of(made), "selfLink": self_link(made), **_computed(type_, inputs)}
        return Live(made, inputs, {**known, **inputs})


class GcpStack(TrialStack):
    """A TrialStack that has Google Cloud, too. graph = stack.up(lambda: MediaCdnEdge("edge", {...}))"""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.gcp = MemoryGcp()
        self._root = folder

    def _engine(self, program: Program) -> EmbeddedEngine:
        providers: dict[str, Factory] = {**self.recorder.providers, "gcp": lambda _: self.gcp}

        def run() -> None:
            program()

        return EmbeddedEngine(self._root, "test", self.state_dir, program=run, providers=providers)


def _computed(type_: str, inputs: Any) -> Properties:
    return _COMPUTED.get(type_.split(":")[-1], lambda _: {})(inputs)


def _plain(value: Any) -> Any:
    """The same for the same inputs, whatever the order of their names and the type of a number."""
    if isinstance(value, dict):
        return sorted((key, _plain(item)) for key, item in value.items())
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
