"""What browsers of other sites are told with an answer that is kept, and which of them go past the cache."""

import pulumi

from ..arguments import EdgeRouteArgs
from .arguments import CACHE_STATUS_HEADER

_EXPOSED = ", ".join(("Age", "Cache-Status", "Retry-After", CACHE_STATUS_HEADER, "X-Request-ID"))


def is_told_to_all(route: EdgeRouteArgs) -> bool:
    """Whether one value of Access-Control-Allow-Origin is right for every caller.

    With several origins it depends on the caller, and only the gateway can tell: such requests are not kept.
    """
    return len((route.get("cors") or {}).get("origins") or []) <= 1


def response_headers(route: EdgeRouteArgs) -> dict[str, pulumi.Input[str]]:
    """Headers of every kept answer: a browser looks at them, others do not. Preflights are the gateway's."""
    origins = (route.get("cors") or {}).get("origins") or []
    if len(origins) != 1:
        return {}
    return {"Access-Control-Allow-Origin": origins[0], "Access-Control-Expose-Headers": _EXPOSED}
