"""Small steps of a reshape; each leaves alone a value that has not the expected form, for the model to complain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.aws_models.convert import Reshape
from tests.aws_models.registered import Inputs, changed, renamed


def steps(*reshapes: Reshape) -> Reshape:
    """Do one after the other."""

    def run(inputs: Inputs) -> Inputs:
        for reshape in reshapes:
            inputs = reshape(inputs)
        return inputs

    return run


def names(exchanged: Mapping[str, str]) -> Reshape:
    """Exchange the last name of each path; deeper paths first."""
    return lambda inputs: renamed(inputs, exchanged)


def under(name: str, beside: Iterable[str] = ()) -> Reshape:
    """Put all inputs but those named under one name."""
    outside = frozenset(beside)

    def run(inputs: Inputs) -> Inputs:
        inside = {key: value for key, value in inputs.items() if key not in outside}
        return {name: inside, **{key: value for key, value in inputs.items() if key in outside}}

    return run


def constants(added: Mapping[str, Any]) -> Reshape:
    """Add what the provider sends of itself, unless the program says otherwise."""
    return lambda inputs: {**added, **inputs}


def only(*kept: str) -> Reshape:
    """Keep the named inputs: the others go to another target of the same type."""
    return lambda inputs: {name: value for name, value in inputs.items() if name in kept}


def without(*dropped: str) -> Reshape:
    """Leave the named inputs to another target of the same type."""
    return lambda inputs: {name: value for name, value in inputs.items() if name not in dropped}


def single(path: str) -> Reshape:
    """A list of one element becomes the element: the provider's way to write an optional block."""

    def unwrap(holder: Inputs, name: str) -> None:
        if isinstance(holder[name], list) and len(holder[name]) == 1:
            holder[name] = holder[name][0]

    return lambda inputs: changed(inputs, path, unwrap)


def listed(path: str) -> Reshape:
    """A single value becomes a list of one."""
    return lambda inputs: changed(inputs, path, lambda holder, name: holder.__setitem__(name, [holder[name]]))


def lifted(path: str) -> Reshape:
    """What stands under the path's last name moves up to its holder."""

    def lift(holder: Inputs, name: str) -> None:
        if isinstance(holder[name], dict) and not set(holder[name]) & (set(holder) - {name}):
            holder.update(holder.pop(name))

    return lambda inputs: changed(inputs, path, lift)


def tags_as(form: str) -> Reshape:
    """The map of tags as a list of pairs under a name: `Items` or `TagSet`."""

    def run(holder: Inputs, name: str) -> None:
        if isinstance(holder[name], dict):
            holder[name] = {form: [{"Key": key, "Value": value} for key, value in holder[name].items()]}

    return lambda inputs: changed(inputs, "tags", run)
