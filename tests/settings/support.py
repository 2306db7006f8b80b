"""Small documents, and ways to read what is wrong with them."""

from __future__ import annotations

from typing import Any

from settings import Settings, SettingsError, parse_settings

MODEL: dict[str, Any] = {"name": "digits", "version": "1", "endpoint": "http://127.0.0.1:8080/invocations"}


def model(**changes: Any) -> dict[str, Any]:
    """The smallest model with some keys changed."""
    return {**MODEL, **changes}


def stack(*models: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A document with these models (by default the smallest one) and other keys."""
    return {"models": list(models) or [MODEL], **others}


def parsed(document: dict[str, Any]) -> Settings:
    """The settings of a valid document whose consumers are encrypted."""
    return parse_settings(document, secret_sections=frozenset({"consumers"}))


def problems(document: dict[str, Any], *, secret_sections: frozenset[str] = frozenset()) -> list[str]:
    """What is wrong with a document, one line each, without the namespace; nothing for a valid one."""
    try:
        parse_settings(document, secret_sections=secret_sections)
    except SettingsError as error:
        return [str(problem).removeprefix("inference-edge:") for problem in error.errors]
    return []
