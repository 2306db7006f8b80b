"""The lock of a path that only the gateway's own nodes may use."""

from ..lua import Phases
from .access import lock_values
from .render import chunk


def header_lock_phases(header: str, secret: str) -> Phases:
    """The phases of pre-function that let in who sends `secret` in `header`, a name without '-' and '_'."""
    values = {
        **lock_values(f"inference-edge {header}\n".encode(), (secret,)),
        "lock_header": header,
        "variable": f"http_{header.lower()}",
    }
    return {"access": [chunk({"C": values}, "header_lock")]}
