"""Whether a Kong sends a request again that may have been answered already: a prediction that is paid for twice.

nginx repeats a POST that was sent only with `non_idempotent` in proxy_next_upstream; without it, only what could not be
sent (https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream).
"""

from __future__ import annotations

from collections.abc import Iterator

from ops.findings import Finding
from ops.kong_node import KongNode
from ops.needs import Needs

_CHECK = "repeats"
_REPEATS_SENT = "non_idempotent"
_LOST = "error"  # the connection could not be made, or broke before the answer began


def check_repeats(needs: Needs, node: KongNode) -> Iterator[Finding]:
    """Compares kong.repeatsLostRequests with what the node does."""
    setting, conditions = node.next_upstream
    repeats = f'set {setting}="{_LOST} {_REPEATS_SENT}" and restart Kong'
    never = f"unset {setting} and restart Kong"
    more = sorted(conditions - {_LOST, _REPEATS_SENT, "off"})
    if _REPEATS_SENT in conditions and more:
        message = (
            f"Kong sends a request again also after {' and '.join(more)}, when the model may have answered it: "
            "paid predictions would be made twice"
        )
        yield Finding(_CHECK, message, repeats if needs.repeats_lost_requests else never)
    elif _REPEATS_SENT in conditions and not needs.repeats_lost_requests:
        message = "Kong sends requests again whose connection broke, but the stack says that it does not"
        yield Finding(_CHECK, message, f"{never}, or set inference-edge:kong.repeatsLostRequests to true")
    elif needs.repeats_lost_requests and not {_LOST, _REPEATS_SENT} <= conditions:
        message = "the stack says that Kong sends requests again whose connection broke, but it does not"
        yield Finding(_CHECK, message, f"{repeats}, or set inference-edge:kong.repeatsLostRequests to false")
    elif _LOST not in conditions:
        message = "a request whose connection is refused is not sent to another target, whatever a model's retries"
        yield Finding(_CHECK, message, never, "warning")
