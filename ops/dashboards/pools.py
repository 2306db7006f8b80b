"""What the dashboard of pools and the router shows."""

from __future__ import annotations

from pathlib import Path

from ops.dashboards.panels import Panel, Query, Row, Variable, dashboard

FILE = Path(__file__).with_name("pools.json")

_POOL = "inference_edge_pool_requests"
_SELECTED = 'pool=~"$pool", model=~"$model"'
_REQUESTS = f"kong_{_POOL}_total{{{_SELECTED}}}"
_FIRST_BYTES = f"kong_inference_edge_first_byte_ms_bucket{{{_SELECTED}}}"
_AFFINITY = f"kong_inference_edge_affinity_total{{{_SELECTED}}}"
_HEALTH = 'kong_upstream_target_health{upstream=~".+-($pool)-pool"'
_ANSWERS = 'kong_http_requests_total{service=~".+-($model)", service!~".+-models_directory", code=~"2.."'
_RATE = "[$__rate_interval]"


def _quantile(quantile: float, *labels: str) -> str:
    return f"histogram_quantile({quantile}, sum by (le, {', '.join(labels)}) (rate({_FIRST_BYTES}{_RATE})))"


def _sum_of_rates(labels: str, counter: str) -> str:
    return f"sum by ({labels}) (rate({counter}{_RATE}))"


_ERRORS = f'kong_{_POOL}_total{{{_SELECTED}, code=~"5.."}}'

_ROWS = (
    Row(
        "Requests",
        (
            Panel(
                "Requests to pools",
                "Requests that went to a pool; hits and refusals are not among them.",
                "reqps",
                (Query(_sum_of_rates("pool, model", _REQUESTS), "{{pool}} {{model}}"),),
                stacked=True,
            ),
            Panel(
                "Hit ratio",
                "Share of good answers that no pool was asked for.",
                "percentunit",
                (
                    Query(
                        f'sum by (service) (rate({_ANSWERS}, source="kong"}}{_RATE})) '
                        f"/ sum by (service) (rate({_ANSWERS}}}{_RATE}))",
                        "{{service}}",
                    ),
                ),
            ),
            Panel(
                "Errors",
                "Share of answers from a pool with a 5xx status.",
                "percentunit",
                (
                    Query(
                        f"{_sum_of_rates('pool, model', _ERRORS)} / {_sum_of_rates('pool, model', _REQUESTS)}",
                        "{{pool}} {{model}}",
                    ),
                ),
                limit=0.05,
            ),
        ),
    ),
    Row(
        "First byte",
        (
            Panel(
                "First byte by model",
                "From the last try's start to the answer's first byte: median and 95th percentile.",
                "ms",
                (
                    Query(_quantile(0.5, "pool", "model"), "{{pool}} {{model}} p50"),
                    Query(_quantile(0.95, "pool", "model"), "{{pool}} {{model}} p95"),
                ),
                limit=5000,
            ),
            Panel(
                "First byte by target",
                "The same for each target: one that stands out is slow or cold.",
                "ms",
                (
                    Query(_quantile(0.5, "pool", "target"), "{{target}} p50"),
                    Query(_quantile(0.95, "pool", "target"), "{{target}} p95"),
                ),
            ),
        ),
    ),
    Row(
        "Targets",
        (
            Panel(
                "Requests by target",
                "Requests by the target of the last try.",
                "reqps",
                (Query(_sum_of_rates("pool, target", _REQUESTS), "{{pool}} {{target}}"),),
            ),
            Panel(
                "Imbalance",
                "The busiest healthy target against the mean of all of them: 1 is even.",
                "short",
                (Query('pool:inference_edge_pool_requests:imbalance10m{pool=~"$pool"}', "{{pool}}"),),
                limit=1.5,
            ),
            Panel(
                "Target health",
                "Targets by state, as each gateway node sees them.",
                "short",
                (
                    Query(f'sum by (upstream) ({_HEALTH}, state="healthy"}})', "{{upstream}} healthy"),
                    Query(
                        f'sum by (upstream, state) ({_HEALTH}, state=~"unhealthy|dns_error"}})',
                        "{{upstream}} {{state}}",
                    ),
                ),
            ),
        ),
    ),
    Row(
        "Affinity and routing",
        (
            Panel(
                "Affinity",
                "kept: the target of the requests before; spilled: another, because that one was too busy; "
                "new: nothing was known.",
                "reqps",
                (Query(_sum_of_rates("outcome", _AFFINITY), "{{outcome}}"),),
                stacked=True,
            ),
            Panel(
                "Routed",
                "Requests to the entry paths by the name in them and the model that it led to.",
                "reqps",
                (
                    Query(
                        _sum_of_rates("name, model, outcome", 'kong_inference_edge_routed_total{model=~"$model"}'),
                        "{{name}} {{model}} {{outcome}}",
                    ),
                ),
                stacked=True,
            ),
            Panel(
                "Refused",
                "Requests to the entry paths that were given to no model, by reason.",
                "reqps",
                (Query(_sum_of_rates("reason", "kong_inference_edge_refused_total"), "{{reason}}"),),
                stacked=True,
            ),
        ),
    ),
)
_VARIABLES = (
    Variable("pool", f"label_values(kong_{_POOL}_total, pool)"),
    Variable("model", f'label_values(kong_{_POOL}_total{{pool=~"$pool"}}, model)'),
)


def dashboard_text() -> str:
    """The dashboard as it is kept in the repository."""
    return dashboard("inference-edge-pools", "Inference pools", _ROWS, _VARIABLES)
