"""The components as a plugin for programs in other languages."""

from typing import Any

import pulumi
from pulumi.provider.experimental.analyzer import PropertyDefinition, PropertyType
from pulumi.provider.experimental.component import ComponentProvider


class ComponentPlugin(ComponentProvider):
    """Serves components; more careful with their inputs than the SDK (3.272).

    main(ComponentPlugin([InferenceEdge], "inference-edge", None, "1.0.0"), sys.argv[1:])

    Integers, which all come as floats, become int. Of outputs of other resources, the SDK fails on one that is an
    integer, and leaves one that is an object out without a word: the first is taken, the second refused.
    Raises InputPropertyError, which the engine shows with the property's path.
    """

    def map_input_properties(
        self,
        inputs: Any,
        properties: dict[str, PropertyDefinition],
        mapping: dict[str, str],
        component_name: str,
        property_path: str,
    ) -> Any:
        """The inputs under their Python names; called for each object among them."""
        known, later = dict(inputs), {}
        for name, definition in properties.items():
            value, path = inputs.get(name), f"{property_path}.{name}" if property_path else name
            if isinstance(value, pulumi.Output):
                if _holds_objects(definition):
                    raise pulumi.InputPropertyError(
                        path, f"'{path}' must be known when the component is made; give outputs to its fields instead"
                    )
                if definition.type is PropertyType.INTEGER:
                    known[name], later[mapping[name]] = 0, value
            elif definition.type is PropertyType.INTEGER:
                known[name] = _whole(value, path)
            elif isinstance(value, list) and definition.items and definition.items.type is PropertyType.INTEGER:
                known[name] = [_whole(item, f"{path}[{index}]") for index, item in enumerate(value)]
        mapped: Any = super().map_input_properties(known, properties, mapping, component_name, property_path)
        return {**mapped, **later}


def _whole(value: Any, path: str) -> Any:
    """The int that was sent as a float; anything else as it is."""
    if not isinstance(value, float):
        return value
    if not value.is_integer():
        raise pulumi.InputPropertyError(path, f"'{path}' must be a whole number, not {value}")
    return int(value)


def _holds_objects(definition: PropertyDefinition) -> bool:
    inner = definition.items or definition.additional_properties
    return bool(definition.ref or (inner and inner.ref))
