"""The random provider: RandomBytes, RandomPassword, RandomString, RandomId, RandomUuid as pulumi-random 4.21 has them.

``bcryptHash`` of RandomPassword is left out.
"""

from __future__ import annotations

import base64
import secrets
import string
import uuid
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from local.engine.difference import Change
from local.engine.errors import ProviderError
from local.engine.providers.base import Live, OwnedIds, Replacement
from local.engine.values import UNKNOWN, Properties

_SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
_MISSING_ID = "missing ID"


@dataclass(frozen=True)
class _Kind:
    """One type: its inputs with defaults, its outputs, how values are drawn."""

    inputs: dict[str, Any]
    outputs: tuple[str, ...]
    draw: Callable[[Properties], tuple[str, Properties]]
    secret: tuple[str, ...] = ()
    required: tuple[str, ...] = field(default=("length",))


def _draw_bytes(inputs: Properties) -> tuple[str, Properties]:
    data = secrets.token_bytes(inputs["length"])
    return _MISSING_ID, {"base64": base64.b64encode(data).decode(), "hex": data.hex()}


def _draw_id(inputs: Properties) -> tuple[str, Properties]:
    data, prefix = secrets.token_bytes(inputs["byteLength"]), inputs.get("prefix", "")
    url = base64.urlsafe_b64encode(data).decode().rstrip("=")
    return url, {
        "b64Url": prefix + url,
        "b64Std": prefix + base64.b64encode(data).decode(),
        "hex": prefix + data.hex(),
        "dec": prefix + str(int.from_bytes(data, "big")),
    }


def _draw_text(inputs: Properties) -> str:
    alphabets = {
        "minLower": string.ascii_lowercase if inputs["lower"] else "",
        "minUpper": string.ascii_uppercase if inputs["upper"] else "",
        "minNumeric": string.digits if inputs["numeric"] and inputs["number"] else "",
        "minSpecial": (inputs.get("overrideSpecial") or _SPECIAL) if inputs["special"] else "",
    }
    if sum(inputs[minimum] for minimum in alphabets) > inputs["length"]:
        raise ProviderError("length must be at least the sum of minLower, minUpper, minNumeric and minSpecial")
    every = "".join(alphabets.values())
    if not every:
        raise ProviderError("at least one of lower, upper, numeric and special must be true")
    drawn: list[str] = []
    for minimum, alphabet in alphabets.items():
        drawn += [secrets.choice(alphabet or every) for _ in range(inputs[minimum])]
    drawn += [secrets.choice(every) for _ in range(inputs["length"] - len(drawn))]
    secrets.SystemRandom().shuffle(drawn)
    return "".join(drawn)


def _draw_password(inputs: Properties) -> tuple[str, Properties]:
    return "none", {"result": _draw_text(inputs)}


def _draw_string(inputs: Properties) -> tuple[str, Properties]:
    text = _draw_text(inputs)
    return text, {"result": text}


def _draw_uuid(_: Properties) -> tuple[str, Properties]:
    text = str(uuid.uuid4())
    return text, {"result": text}


_TEXT_INPUTS = {
    "length": None,
    "keepers": None,
    "overrideSpecial": None,
    **dict.fromkeys(("lower", "upper", "numeric", "number", "special"), True),
    **dict.fromkeys(("minLower", "minUpper", "minNumeric", "minSpecial"), 0),
}
_KINDS = {
    "random:index/randomBytes:RandomBytes": _Kind(
        {"length": None, "keepers": None}, ("base64", "hex"), _draw_bytes, ("base64", "hex")
    ),
    "random:index/randomPassword:RandomPassword": _Kind(_TEXT_INPUTS, ("result",), _draw_password, ("result",)),
    "random:index/randomString:RandomString": _Kind(_TEXT_INPUTS, ("result",), _draw_string),
    "random:index/randomId:RandomId": _Kind(
        {"byteLength": None, "keepers": None, "prefix": None},
        ("b64Url", "b64Std", "hex", "dec"),
        _draw_id,
        required=("byteLength",),
    ),
    "random:index/randomUuid:RandomUuid": _Kind({"keepers": None}, ("result",), _draw_uuid, required=()),
}


class RandomProvider:
    """Values drawn once and kept in the state; any change of an input draws anew."""

    def check(self, type_: str, name: str, inputs: Properties, old_inputs: Properties) -> Properties:
        kind = _kind(type_)
        unknown = sorted(set(inputs) - set(kind.inputs))
        if unknown:
            raise ProviderError(f"unknown input {', '.join(unknown)}; known are {', '.join(sorted(kind.inputs))}")
        for required in kind.required:
            value = inputs.get(required)
            if value != UNKNOWN and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
                raise ProviderError(f"{required} must be a whole number of at least 1")
        return {key: value for key, value in {**kind.inputs, **inputs}.items() if value is not None}

    def replacement(self, type_: str, changes: Iterable[Change]) -> Replacement:
        return Replacement(frozenset(str(change.path[0]) for change in changes))

    def planned_outputs(self, type_: str, inputs: Properties, old_outputs: Properties) -> Properties:
        return {**inputs, **{name: old_outputs.get(name, UNKNOWN) for name in _kind(type_).outputs}}

    def secret_outputs(self, type_: str, secret_inputs: Collection[str]) -> Collection[str]:
        return _kind(type_).secret

    def new_id(self, type_: str, inputs: Properties) -> str:
        return ""

    def create(self, type_: str, id_: str, inputs: Properties, owned_ids: OwnedIds) -> Live:
        drawn_id, outputs = _kind(type_).draw(inputs)
        return Live(drawn_id, inputs, {**inputs, **outputs})

    def update(self, type_: str, id_: str, inputs: Properties, old_outputs: Properties) -> Live:
        return Live(id_, inputs, {**old_outputs, **inputs})

    def read(self, type_: str, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        # A value exists once it is in the state: one whose creation was cut off has no outputs.
        return Live(id_, inputs, outputs) if outputs else None

    def delete(self, type_: str, id_: str) -> None:
        return

    def close(self) -> None:
        return


def _kind(type_: str) -> _Kind:
    try:
        return _KINDS[type_]
    except KeyError:
        known = ", ".join(sorted(name.split(":")[-1] for name in _KINDS))
        raise ProviderError(
            f"the embedded engine has no {type_}, only {known}; deploy this stack with the pulumi CLI"
        ) from None
