"""One type of a cloud: how its id is made, what it computes, which changes replace it."""

from __future__ import annotations

import hashlib
import string
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.engine.values import UNKNOWN, Properties

_LOWER = string.ascii_lowercase + string.digits
_UPPER = string.ascii_uppercase + string.digits
_UUID, _FRESH = "uuid", "fresh"


def derive(length: int, alphabet: str, *parts: str) -> str:
    """A text that looks random and is always the same for the same parts; as hard to guess as they are."""
    number = int.from_bytes(hashlib.sha512("\0".join(parts).encode()).digest())
    text = ""
    while len(text) < length:
        number, index = divmod(number, len(alphabet))
        text += alphabet[index]
    return text


# Fields of templates that are drawn: length and alphabet.
_DRAWN: Mapping[str, tuple[int, str]] = {
    _UUID: (32, string.hexdigits[:16]),
    "hex17": (17, string.hexdigits[:16]),
    "lower6": (6, _LOWER),
    "lower10": (10, _LOWER),
    "lower13": (13, _LOWER),
    "lower16": (16, _LOWER),
    "mixed22": (22, string.ascii_letters + string.digits),
    "mixed40": (40, string.ascii_letters + string.digits),
    "number18": (18, "123456789"),
    "upper13": (13, _UPPER),
    "upper17": (17, _UPPER),
    _FRESH: (13, _UPPER),
}


class Values(dict[str, Any]):
    """What a template may name: inputs, `id`, the place, fields drawn from the seed; others are ""."""

    def __init__(self, values: Mapping[str, Any], seed: str) -> None:
        super().__init__(values)
        self._seed = seed

    def __missing__(self, name: str) -> str:
        if name not in _DRAWN:
            return ""
        text = derive(*_DRAWN[name], self._seed, name)
        return str(uuid.UUID(text, version=4)) if name == _UUID else text


@dataclass(frozen=True)
class Computed:
    """An output. `uses` are the inputs whose change changes it."""

    make: Callable[[Values], Any]
    uses: frozenset[str] = frozenset()
    drawn: bool = False
    fresh: bool = False


def computed(output: str | Computed) -> Computed:
    """The output of a template, e.g. ``arn:aws:s3:::{bucket}``."""
    if isinstance(output, Computed):
        return output
    fields = frozenset(name for _, name, _, _ in string.Formatter().parse(output) if name)
    return Computed(lambda values: output.format_map(values), fields, bool(fields & _DRAWN.keys()), _FRESH in fields)


@dataclass(frozen=True)
class Kind:
    """The behaviour of one type.

    Usage: ``Kind("{name}", {"arn": "arn:aws:sns:{region}:{account}:{name}"}, replaces="name")``. `id` and texts in
    `outputs` are templates. `replaces` are the inputs that make a new resource (ForceNew of the Terraform provider),
    `auto_name` is the input that Pulumi names when the program does not, with its greatest length. The place is where
    a cloud keeps it: account and region, or project.
    """

    id: str
    outputs: Mapping[str, str | Computed] = field(default_factory=dict)
    replaces: str = ""
    auto_name: str = ""
    auto_name_length: int = 255
    secret: frozenset[str] = frozenset()
    delete_first: bool = False

    def new_id(self, inputs: Properties, place: Mapping[str, str], seed: str) -> str:
        """The id of a new resource; what the cloud would draw is drawn from the seed."""
        return self.id.format_map(_values(inputs, place, seed))

    @property
    def has_id_of_its_own(self) -> bool:
        """Whether the cloud draws the id; otherwise it says where the resource is, and there is room for one."""
        return computed(self.id).drawn

    def replacing(self, type_: str) -> frozenset[str]:
        """The inputs that force a replacement."""
        return frozenset(self.replaces.split())

    def placed(self, type_: str, inputs: Properties, place: Mapping[str, str]) -> Properties:
        """Outputs that the cloud gives to all resources of the type's sort."""
        return {}

    def live_outputs(
        self, type_: str, id_: str, inputs: Properties, old: Properties, place: Mapping[str, str], seed: str
    ) -> Properties:
        """Inputs and computed outputs after a create (`old` is empty) or an update."""
        values = _values({**inputs, "id": id_}, place, seed)
        result = {**inputs, **self.placed(type_, inputs, place)}
        for name, item in self._computed().items():
            keep = item.drawn and not item.fresh and name in old
            value = old[name] if keep else item.make(values)
            if name not in inputs and value is not None:
                result[name] = value
        return result

    def planned_outputs(self, type_: str, inputs: Properties, old: Properties, place: Mapping[str, str]) -> Properties:
        """The same in a preview, unknown where only the deployment tells."""
        result = {**inputs, **self.placed(type_, inputs, place)}
        own = {"id", *place, *_DRAWN} - set(inputs)
        for name, item in self._computed().items():
            settled = name in old and not item.fresh and all(inputs.get(use) == old.get(use) for use in item.uses - own)
            if name not in inputs:
                result[name] = old[name] if settled else UNKNOWN
        return result

    def _computed(self) -> dict[str, Computed]:
        return {name: computed(output) for name, output in self.outputs.items()}


def module_of(type_: str) -> str:
    """``cloudfront`` of ``aws:cloudfront/distribution:Distribution``."""
    return type_.split(":")[1].split("/")[0]


def _values(inputs: Properties, place: Mapping[str, str], seed: str) -> Values:
    return Values({**place, **{name: item for name, item in inputs.items() if item is not None}}, seed)
