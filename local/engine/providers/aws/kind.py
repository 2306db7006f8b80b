"""One AWS type: how its id is made, what it computes, which changes replace it."""

from __future__ import annotations

import hashlib
import secrets
import string
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.engine.providers.aws.settings import ACCOUNT_ID
from local.engine.values import UNKNOWN, Properties

_LOWER = string.ascii_lowercase + string.digits
_UPPER = string.ascii_uppercase + string.digits
_FRESH = "fresh"
_GLOBAL_MODULES = frozenset({"cloudfront", "iam", "route53"})


def draw(length: int, alphabet: str) -> str:
    """A random text."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def derive(length: int, alphabet: str, *parts: str) -> str:
    """A text that looks random and is always the same for the same parts; not for secrets."""
    number = int.from_bytes(hashlib.sha512("\0".join(parts).encode()).digest())
    text = ""
    while len(text) < length:
        number, index = divmod(number, len(alphabet))
        text += alphabet[index]
    return text


# Fields of templates that are drawn anew each time.
_DRAWN: Mapping[str, Callable[[], str]] = {
    "uuid": lambda: str(uuid.uuid4()),
    "lower6": lambda: draw(6, _LOWER),
    "lower10": lambda: draw(10, _LOWER),
    "lower13": lambda: draw(13, _LOWER),
    "lower16": lambda: draw(16, _LOWER),
    "mixed22": lambda: draw(22, string.ascii_letters + string.digits),
    "mixed40": lambda: draw(40, string.ascii_letters + string.digits),
    "upper13": lambda: draw(13, _UPPER),
    "upper17": lambda: draw(17, _UPPER),
    _FRESH: lambda: "E" + draw(13, _UPPER),
}


class Values(dict[str, Any]):
    """What a template may name: inputs, `id`, `region`, `account`, the random fields; an input not given is ""."""

    def __missing__(self, name: str) -> str:
        return _DRAWN[name]() if name in _DRAWN else ""


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
    `auto_name` is the input that Pulumi names when the program does not, with its greatest length.
    """

    id: str
    outputs: Mapping[str, str | Computed] = field(default_factory=dict)
    replaces: str = ""
    auto_name: str = ""
    auto_name_length: int = 255
    secret: frozenset[str] = frozenset()
    delete_first: bool = False

    def new_id(self, type_: str, inputs: Properties, region: str) -> str:
        """The id of a new resource."""
        return self.id.format_map(_values(type_, inputs, region))

    @property
    def has_id_of_its_own(self) -> bool:
        """Whether AWS draws the id; otherwise it says where the resource is, and there is room for one."""
        return computed(self.id).drawn

    def replacing(self, type_: str) -> frozenset[str]:
        """The inputs that force a replacement."""
        return frozenset(self.replaces.split()) | ({"region"} if is_regional(type_) else set())

    def live_outputs(self, type_: str, id_: str, inputs: Properties, old: Properties, region: str) -> Properties:
        """Inputs and computed outputs after a create (`old` is empty) or an update."""
        values = _values(type_, {**inputs, "id": id_}, region)
        result = dict(inputs)
        if is_regional(type_):
            result["region"] = values["region"]
        if "tags" in inputs:
            result["tagsAll"] = inputs["tags"]
        for name, item in self._computed().items():
            keep = item.drawn and not item.fresh and name in old
            value = old[name] if keep else item.make(values)
            if name not in inputs and value is not None:
                result[name] = value
        return result

    def planned_outputs(self, type_: str, inputs: Properties, old: Properties, region: str) -> Properties:
        """The same in a preview, unknown where only the deployment tells."""
        result = dict(inputs)
        if is_regional(type_):
            result["region"] = inputs.get("region", region)
        if "tags" in inputs:
            result["tagsAll"] = inputs["tags"]
        for name, item in self._computed().items():
            settled = (
                name in old and not item.fresh and all(inputs.get(use) == old.get(use) for use in item.uses - _OWN)
            )
            if name not in inputs:
                result[name] = old[name] if settled else UNKNOWN
        return result

    def _computed(self) -> dict[str, Computed]:
        return {name: computed(output) for name, output in self.outputs.items()}


_OWN = frozenset({"id", "region", "account", *_DRAWN})


def is_regional(type_: str) -> bool:
    """Whether resources of a type live in a region."""
    return module_of(type_) not in _GLOBAL_MODULES


def module_of(type_: str) -> str:
    """``cloudfront`` of ``aws:cloudfront/distribution:Distribution``."""
    return type_.split(":")[1].split("/")[0]


def _values(type_: str, inputs: Properties, region: str) -> Values:
    place = {"region": region} if is_regional(type_) else {}
    return Values({"account": ACCOUNT_ID, **place, **{name: item for name, item in inputs.items() if item is not None}})
