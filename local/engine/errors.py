"""The one error type that leaves the engine."""

from __future__ import annotations


class EngineError(Exception):
    """A deployment could not go on; the message is for a person: what is wrong, where, what to do.

    Usage: ``except EngineError as error: print(error, file=sys.stderr)``. Never holds a secret.
    """


class ProviderError(EngineError):
    """A provider refused an input or an operation; the engine puts the resource's name in front."""


class Interrupted(EngineError):
    """No new step may start: another step failed, or the user pressed Ctrl-C."""
