"""What two nodes of one stack show at GET /metrics, in Kong's format: buckets that counted nothing are left out."""

from __future__ import annotations

from math import inf
from typing import Any

from ops.status.histogram import BOUNDS_MS
from settings import ModelSettings, parse_settings

_COMMON = """\
# HELP kong_memory_lua_shared_dict_bytes Allocated slabs in bytes in a shared_dict
# TYPE kong_memory_lua_shared_dict_bytes gauge
kong_memory_lua_shared_dict_bytes{node_id="8b0e",shared_dict="kong",kong_subsystem="http"} 40960
kong_memory_lua_shared_dict_bytes{node_id="8b0e",shared_dict="prediction_cache",kong_subsystem="http"} 33554432
# HELP kong_memory_lua_shared_dict_total_bytes Total capacity in bytes of a shared_dict
# TYPE kong_memory_lua_shared_dict_total_bytes gauge
kong_memory_lua_shared_dict_total_bytes{node_id="8b0e",shared_dict="kong",kong_subsystem="http"} 5242880
kong_memory_lua_shared_dict_total_bytes{node_id="8b0e",shared_dict="prediction_cache",kong_subsystem="http"} 134217728
# HELP kong_node_info Kong Node metadata information
# TYPE kong_node_info gauge
kong_node_info{node_id="8b0e",version="3.9.1"} 1
"""
_SERVICE = 'service="inference-edge-dev-digits",route="inference-edge-dev-digits",code="200",source="service"'
HTTP_REQUESTS = f"""\
# HELP kong_http_requests_total HTTP status codes per consumer/service/route in Kong
# TYPE kong_http_requests_total counter
kong_http_requests_total{{{_SERVICE},workspace="default",consumer=""}} 1180
"""


def _histogram(outcome: str, observed: dict[int, int], total: str) -> str:
    """Kong counts an observation in every bucket that it fits in, and shows a bucket once it has counted."""
    name, labels = "kong_inference_edge_request_ms", f'model="digits",outcome="{outcome}"'
    lines = []
    for bound in (*BOUNDS_MS, inf):
        count = sum(seen for upper, seen in observed.items() if upper <= bound)
        if count:
            lines.append(f'{name}_bucket{{{labels},le="{"+Inf" if bound == inf else bound}"}} {count}\n')
    return "".join(
        [*lines, f"{name}_count{{{labels}}} {sum(observed.values())}\n", f"{name}_sum{{{labels}}} {total}\n"]
    )


QUIET = _COMMON
"""A node that nobody has asked yet."""

NODE_A = f"""\
{HTTP_REQUESTS}\
# HELP kong_inference_edge_evictions_total Entries that had to go to make room
# TYPE kong_inference_edge_evictions_total counter
kong_inference_edge_evictions_total{{model="digits"}} 7
# HELP kong_inference_edge_price Price
# TYPE kong_inference_edge_price gauge
kong_inference_edge_price{{model="digits",per="busy_second"}} 0
kong_inference_edge_price{{model="digits",per="call"}} 0.0002
# HELP kong_inference_edge_request_ms Milliseconds of whole requests
# TYPE kong_inference_edge_request_ms histogram
{_histogram("hit", {1: 780, 2: 10, 5: 10}, "260")}\
{_histogram("miss", {50: 50, 100: 40, 250: 10}, "6000")}\
# HELP kong_inference_edge_requests_total Requests by what the cache did
# TYPE kong_inference_edge_requests_total counter
kong_inference_edge_requests_total{{model="digits",version="2",outcome="bypass",detail="authorization"}} 60
kong_inference_edge_requests_total{{model="digits",version="2",outcome="bypass",detail="cookie"}} 20
kong_inference_edge_requests_total{{model="digits",version="2",outcome="failed",detail="504"}} 2
kong_inference_edge_requests_total{{model="digits",version="2",outcome="hit",detail=""}} 790
kong_inference_edge_requests_total{{model="digits",version="2",outcome="hit",detail="collapsed"}} 10
kong_inference_edge_requests_total{{model="digits",version="2",outcome="miss",detail="status"}} 4
kong_inference_edge_requests_total{{model="digits",version="2",outcome="miss",detail="stored"}} 96
kong_inference_edge_requests_total{{model="digits",version="2",outcome="refused",detail="401"}} 5
kong_inference_edge_requests_total{{model="digits",version="2",outcome="stale",detail="error"}} 20
kong_inference_edge_requests_total{{model="letters",version="1",outcome="off",detail=""}} 30
# HELP kong_inference_edge_store_failures_total Requests that the store failed
# TYPE kong_inference_edge_store_failures_total counter
kong_inference_edge_store_failures_total{{model="digits",reason="timeout"}} 3
# HELP kong_inference_edge_verification_skipped_total Verifications that were not made
# TYPE kong_inference_edge_verification_skipped_total counter
kong_inference_edge_verification_skipped_total{{model="digits",reason="busy"}} 9
# HELP kong_inference_edge_verified_total Comparisons
# TYPE kong_inference_edge_verified_total counter
kong_inference_edge_verified_total{{model="digits",outcome="same"}} 90
# HELP kong_inference_edge_waits_total Requests that waited
# TYPE kong_inference_edge_waits_total counter
kong_inference_edge_waits_total{{model="digits"}} 12
{_COMMON}"""

NODE_B = f"""\
# TYPE kong_inference_edge_cache_off gauge
kong_inference_edge_cache_off{{model="digits",cause="nondeterministic"}} 0
kong_inference_edge_cache_off{{model="digits",cause="wrong"}} 1
# TYPE kong_inference_edge_evictions_total counter
kong_inference_edge_evictions_total{{model="digits"}} 1
# TYPE kong_inference_edge_request_ms histogram
{_histogram("hit", {5: 100, 10: 100}, "1200")}\
{_histogram("miss", {100: 100}, "nan")}\
# TYPE kong_inference_edge_requests_total counter
kong_inference_edge_requests_total{{model="digits",version="1",outcome="hit",detail=""}} 200
kong_inference_edge_requests_total{{model="digits",version="1",outcome="miss",detail="stored"}} 100
kong_inference_edge_requests_total{{model="digits",version="2",outcome="bypass",detail="cookie"}} 50
kong_inference_edge_requests_total{{model="digits",version="2",outcome="bypass",detail="mismatch"}} 30
kong_inference_edge_requests_total{{model="other",version="1",outcome="hit",detail=""}} 99
# TYPE kong_inference_edge_verified_total counter
kong_inference_edge_verified_total{{model="digits",outcome="failed"}} 4
kong_inference_edge_verified_total{{model="digits",outcome="nondeterministic"}} 1
kong_inference_edge_verified_total{{model="digits",outcome="same"}} 2
kong_inference_edge_verified_total{{model="digits",outcome="wrong"}} 7
{_COMMON.replace("8b0e", "c41f")}"""

COST = {"perCall": 0.0002, "asOf": "2026-11-01"}
DIGITS: dict[str, Any] = {
    "name": "digits",
    "version": "2",
    "endpoint": "http://127.0.0.1:8080/invocations",
    "cost": COST,
}


def model(**others: Any) -> ModelSettings:
    """The model that both nodes have answered for, with other settings."""
    return parse_settings({"models": [{**DIGITS, **others}]}).models[0]
