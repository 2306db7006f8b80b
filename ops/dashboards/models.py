"""What the dashboard of models and their caches shows."""

from __future__ import annotations

from pathlib import Path

from ops.dashboards.panels import Panel, Query, Row, Variable, dashboard

FILE = Path(__file__).with_name("models.json")

_MODEL = 'model=~"$model"'
_REQUESTS = "kong_inference_edge_requests_total"
_RATE = "[$__rate_interval]"


def _rate(labels: str, counter: str, more: str = "") -> str:
    return f"sum by ({labels}) (rate({counter}{{{_MODEL}{more}}}{_RATE}))"


def _recorded(series: str, more: str = "") -> str:
    return f"{series}{{{_MODEL}{more}}}"


def _latency(outcome: str) -> tuple[Query, ...]:
    picked = f', outcome="{outcome}"'
    return tuple(
        Query(_recorded(f"model_outcome:inference_edge_request_ms:{quantile}_5m", picked), f"{{{{model}}}} {quantile}")
        for quantile in ("p50", "p95", "p99")
    )


def _mismatches(window: str) -> tuple[Query, ...]:
    series = f"model:inference_edge_mismatches:ratio{window}"
    return (
        Query(_recorded(series), "{{model}}"),
        Query(_recorded(f"{series}_low"), "{{model}} low"),
        Query(_recorded(f"{series}_high"), "{{model}} high"),
    )


def _memory(metric: str) -> str:
    return f'{metric}{{shared_dict="prediction_cache"}}'


_SAVED_CALLS = f'increase({_REQUESTS}{{{_MODEL}, outcome=~"hit|stale"}}[$__range])'
_SAVED_MONEY = f"avg_over_time({_recorded('model:inference_edge_saved_money:rate5m')}[$__range]) * $__range_s"

_PRICE_DAY = f"kong_inference_edge_price_as_of_seconds{{{_MODEL}}}"

_ROWS = (
    Row(
        "At a glance",
        (
            Panel(
                "Hits now",
                "Share of the answers of the last 5 minutes that the model was not asked for.",
                "percentunit",
                (Query(_recorded("model:inference_edge_hits:ratio5m"), "{{model}}"),),
                kind="stat",
            ),
            Panel(
                "Model calls saved",
                "Hits, and answers that were served after their TTL, in the time that is shown.",
                "short",
                (Query(f"sum by (model) ({_SAVED_CALLS})", "{{model}}"),),
                kind="stat",
            ),
            Panel(
                "Money saved",
                "In the time that is shown, in the currency of the model's cost.",
                "short",
                (Query(_SAVED_MONEY, "{{model}}"),),
                kind="stat",
            ),
            Panel(
                "Price as of",
                "The day of the price that the money is computed from.",
                "dateTimeAsIso",
                (Query(f"max by (model) ({_PRICE_DAY} > 0) * 1000", "{{model}}"),),
                kind="stat",
            ),
            Panel(
                "Nodes with the cache off",
                "Verification switched it off there: only a purge or a new version brings it back.",
                "short",
                (Query(f"sum by (model, cause) (kong_inference_edge_cache_off{{{_MODEL}}})", "{{model}} {{cause}}"),),
                limit=1,
                kind="stat",
            ),
        ),
    ),
    Row(
        "Requests",
        (
            Panel(
                "Requests by outcome",
                "hit and stale: the model was not asked; miss and bypass: it was; refused: by the gateway; "
                "failed: no answer of the model; off: no cache.",
                "reqps",
                (Query(_rate("model, outcome", _REQUESTS), "{{model}} {{outcome}}"),),
                stacked=True,
            ),
            Panel(
                "Hit ratio",
                "Share of the answers that the model was not asked for; bypasses are among the answers.",
                "percentunit",
                (Query(_recorded("model:inference_edge_hits:ratio5m"), "{{model}}"),),
            ),
            Panel(
                "Bypasses",
                "Requests that went past the cache, by reason.",
                "reqps",
                (Query(_rate("model, detail", _REQUESTS, ', outcome="bypass"'), "{{model}} {{detail}}"),),
                stacked=True,
            ),
            Panel(
                "Answers not stored",
                "Misses whose answer was not kept, by reason.",
                "reqps",
                (
                    Query(
                        _rate("model, detail", _REQUESTS, ', outcome="miss", detail!="stored"'), "{{model}} {{detail}}"
                    ),
                ),
                stacked=True,
            ),
        ),
    ),
    Row(
        "Latency and savings",
        (
            Panel(
                "Latency of hits",
                "Whole requests: median, 95th and 99th percentile. One that waited for another takes as long.",
                "ms",
                _latency("hit"),
            ),
            Panel("Latency of misses", "The same of requests that the model answered.", "ms", _latency("miss")),
            Panel(
                "Calls saved",
                "Model calls that hits and answers after their TTL made unnecessary.",
                "reqps",
                (Query(_recorded("model:inference_edge_saved_calls:rate5m"), "{{model}}"),),
                stacked=True,
            ),
            Panel(
                "Money saved an hour",
                "Saved calls times the price of a call, or of the time that a miss takes.",
                "short",
                (Query(f"{_recorded('model:inference_edge_saved_money:rate5m')} * 3600", "{{model}}"),),
                stacked=True,
            ),
        ),
    ),
    Row(
        "Store",
        (
            Panel(
                "Evictions",
                "Stored answers of the node's dictionary that had to go for this model's new ones.",
                "ops",
                (Query(_rate("model", "kong_inference_edge_evictions_total"), "{{model}}"),),
            ),
            Panel(
                "Waits",
                "Requests that waited for the answer to another one with the same key.",
                "reqps",
                (Query(_rate("model", "kong_inference_edge_waits_total"), "{{model}}"),),
            ),
            Panel(
                "Store errors",
                "Requests that the shared store did not serve, by reason.",
                "reqps",
                (Query(_rate("model, reason", "kong_inference_edge_store_failures_total"), "{{model}} {{reason}}"),),
            ),
            Panel(
                "Dictionary",
                "Used share of each node's dictionary of answers. Pages are not given back: full is no fault.",
                "percentunit",
                (
                    Query(
                        f"sum by (instance) ({_memory('kong_memory_lua_shared_dict_bytes')}) "
                        f"/ sum by (instance) ({_memory('kong_memory_lua_shared_dict_total_bytes')})",
                        "{{instance}}",
                    ),
                ),
            ),
        ),
    ),
    Row(
        "Verification",
        (
            Panel(
                "Comparisons",
                "Hits that the model was asked again for. wrong: it now gives another answer; nondeterministic: it "
                "differs from itself; failed: no answer to compare.",
                "ops",
                (Query(_rate("model, outcome", "kong_inference_edge_verified_total"), "{{model}} {{outcome}}"),),
                stacked=True,
            ),
            Panel(
                "Mismatches in an hour",
                "Share of the comparisons, with the bounds of its 95 % interval (Wilson).",
                "percentunit",
                _mismatches("1h"),
            ),
            Panel("Mismatches in a day", "The same of the last day.", "percentunit", _mismatches("1d")),
            Panel(
                "Not compared",
                "busy: a comparison was running; load: the node had too much to do; pace: as many as are allowed; "
                "spilled: a shard had no room for the question.",
                "ops",
                (
                    Query(
                        _rate("model, reason", "kong_inference_edge_verification_skipped_total"), "{{model}} {{reason}}"
                    ),
                ),
                stacked=True,
            ),
        ),
    ),
    Row(
        "Versions",
        (
            Panel(
                "Requests by version",
                "Two versions of a model at once: a rollout, or nodes that did not get it.",
                "reqps",
                (Query(_recorded("model_version:inference_edge_requests:rate5m"), "{{model}} {{version}}"),),
                stacked=True,
            ),
            Panel(
                "Versions by node",
                "Which node answers for which version now.",
                "reqps",
                (Query(f"{_rate('model, version, instance', _REQUESTS)} > 0", ""),),
                kind="table",
            ),
        ),
    ),
)
_VARIABLES = (Variable("model", f"label_values({_REQUESTS}, model)"),)


def dashboard_text() -> str:
    """The dashboard as it is kept in the repository."""
    return dashboard("inference-edge-models", "Inference models", _ROWS, _VARIABLES)
