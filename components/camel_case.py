"""Names in camelCase, as other languages give them."""

from typing import Any


def camel_case(value: Any) -> Any:
    """The same value with every name in camelCase, as other languages give them: key_headers becomes keyHeaders."""
    if isinstance(value, list):
        return [camel_case(item) for item in value]
    if not isinstance(value, dict):
        return value
    words = {name: name.split("_") for name in value}
    return {
        first + "".join(word.capitalize() for word in rest): camel_case(value[name])
        for name, (first, *rest) in words.items()
    }
