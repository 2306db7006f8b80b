"""The properties of an upstream's `healthchecks` that the real provider has; Kong itself has more."""

from __future__ import annotations

from typing import Any

from local.engine.errors import ProviderError

_FAILURES = {"httpStatuses": [int], "tcpFailures": int, "httpFailures": int, "timeouts": int}
_PROPERTIES: dict[str, Any] = {
    "active": {
        "type": str,
        "timeout": int,
        "concurrency": int,
        "httpPath": str,
        "httpsVerifyCertificate": bool,
        "httpsSni": str,
        "healthy": {"interval": int, "httpStatuses": [int], "successes": int},
        "unhealthy": {"interval": int, **_FAILURES},
    },
    "passive": {"type": str, "healthy": {"httpStatuses": [int], "successes": int}, "unhealthy": _FAILURES},
}
_WANTED = {int: "a whole number", str: "a text", bool: "true or false"}


def checked_health_checks(name: str, value: Any) -> Any:
    """The value in its normal form. Raises ProviderError, naming the property, for an unknown or a wrong one."""
    return _checked(name, _PROPERTIES, value)


def _checked(name: str, wanted: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(wanted, dict):
        if not isinstance(value, dict):
            raise ProviderError(f"{name} must be an object, not {type(value).__name__}")
        unknown = sorted(set(value) - set(wanted))
        if unknown:
            raise ProviderError(f"unknown input {name}.{unknown[0]}; known are {', '.join(sorted(wanted))}")
        return {key: _checked(f"{name}.{key}", wanted[key], item) for key, item in value.items()}
    if isinstance(wanted, list):
        if not isinstance(value, list):
            raise ProviderError(f"{name} must be a list, not {type(value).__name__}")
        return [_checked(name, wanted[0], item) for item in value]
    if wanted is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if type(value) is not wanted:
        raise ProviderError(f"{name} must be {_WANTED[wanted]}, not {value!r}")
    return value
