"""Kong's metrics as Prometheus would scrape them."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
from prometheus_client.parser import text_string_to_metric_families

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scraped(admin: str) -> Samples:
    """Every sample by name and labels."""
    text = httpx.get(f"{admin}/metrics").raise_for_status().text
    families = text_string_to_metric_families(text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def value(admin: str, name: str, **labels: str) -> float:
    """The sum of all samples of this name that have these labels."""
    wanted = labels.items()
    return sum(value for (found, given), value in scraped(admin).items() if found == name and wanted <= given)


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether it comes true in time: a real Kong's workers add up their counters once a second."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
