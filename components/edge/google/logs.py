"""Request logs of an edge, in Cloud Logging."""

from typing import Any

from .arguments import SAMPLE_RATE, GoogleLogArgs


def log_config(given: GoogleLogArgs) -> dict[str, Any]:
    """As services of Media CDN and backend services take it. Google logs the whole URL, with the input of a GET."""
    if not given.get("enabled", True):
        return {"enable": False}  # a rate is refused then
    return {"enable": True, "sample_rate": float(given.get("sample_rate", SAMPLE_RATE))}
