"""What the prometheus plugin counts, as the text of GET /metrics."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.kong.custom_metrics import CustomMetrics

BUCKETS_MS = (25, 50, 80, 100, 250, 400, 700, 1000, 2000, 5000, 10000, 30000, 60000)
Labels = tuple[tuple[str, str], ...]


def _line(name: str, labels: Labels, value: float) -> str:
    listed = ",".join(f'{key}="{text}"' for key, text in labels)
    return f"{name}{{{listed}}} {value:.15g}"


class Metrics:
    """Counters of answered requests by service, route, code, source (service or kong) and consumer."""

    def __init__(self) -> None:
        self._requests: Counter[Labels] = Counter()
        self._latency_ms: dict[Labels, list[float]] = {}
        self._custom = CustomMetrics()

    def library(self) -> dict[str, Callable[..., Any]]:
        """The functions for Lua."""
        return {"observe": self.observe, **self._custom.library()}

    def observe(
        self,
        codes: bool,
        latency: bool,
        service: str,
        route: str,
        status: int,
        source: str,
        consumer: str,
        started: float,
    ) -> None:
        """Called in the log phase, with what the plugin's configuration switches on."""
        common: Labels = (("service", service), ("route", route))
        if codes:
            more = (("code", str(int(status))), ("source", source), ("workspace", "default"), ("consumer", consumer))
            self._requests[common + more] += 1
        if latency:
            milliseconds = (time.time() - started) * 1000
            row = self._latency_ms.setdefault((*common, ("workspace", "default")), [0.0] * (len(BUCKETS_MS) + 2))
            for index, bound in enumerate(BUCKETS_MS):
                row[index] += milliseconds <= bound
            row[-2] += 1
            row[-1] += milliseconds

    def text(
        self, dictionaries: Mapping[str, tuple[int, int]], target_health: Sequence[tuple[Labels, int]] = ()
    ) -> bytes:
        """`dictionaries`: bytes used and bytes in all, by name. `target_health`: labels and value, 0 or 1."""
        lines = [
            "# HELP kong_http_requests_total HTTP status codes per consumer/service/route in Kong",
            "# TYPE kong_http_requests_total counter",
        ]
        lines += [_line("kong_http_requests_total", labels, count) for labels, count in sorted(self._requests.items())]
        lines += self._custom.lines()
        name = "kong_request_latency_ms"
        lines += [
            f"# HELP {name} Total latency incurred during requests for each service/route in Kong",
            f"# TYPE {name} histogram",
        ]
        for labels, row in sorted(self._latency_ms.items()):
            bounds = [*map(str, BUCKETS_MS), "+Inf"]
            lines += [
                _line(f"{name}_bucket", (*labels, ("le", bound)), row[index]) for index, bound in enumerate(bounds)
            ]
            lines += [_line(f"{name}_count", labels, row[-2]), _line(f"{name}_sum", labels, row[-1])]
        for metric, index in (("kong_memory_lua_shared_dict_bytes", 0), ("kong_memory_lua_shared_dict_total_bytes", 1)):
            lines.append(f"# TYPE {metric} gauge")
            lines += [
                _line(metric, (("shared_dict", name), ("kong_subsystem", "http")), sizes[index])
                for name, sizes in dictionaries.items()
            ]
        if target_health:
            name = "kong_upstream_target_health"
            states = "States = healthchecks_off|healthy|unhealthy|dns_error, value is 1 when state is populated."
            lines += [f"# HELP {name} Health status of targets of upstream. {states}", f"# TYPE {name} gauge"]
            lines += [_line(name, labels, value) for labels, value in target_health]
        return ("\n".join(lines) + "\n").encode()
