"""Request headers that may change an answer, or who is meant by it, and that are not part of a cache key.

A rule of Google's edges can look for names, not run code: what it does not look for, it does not see. So a request is
kept only when it has none of UNKEYED, one of JSON_ACCEPT, and is stripped of REMOVED.
"""

from ..arguments import EdgeRouteArgs
from .cors import is_told_to_all

# A request with one of these goes past the cache. The headers that InvokeEndpoint knows
# (docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html), those that override a method, and
# those of Google's and Amazon's own names, which a rule may not remove; and the one of a browser's preflight.
UNKEYED = (
    "access-control-request-method",
    "prefer",
    "x-amz-security-token",
    "x-amzn-sagemaker-custom-attributes",
    "x-amzn-sagemaker-enable-explanations",
    "x-amzn-sagemaker-inference-component",
    "x-amzn-sagemaker-inference-id",
    "x-amzn-sagemaker-session-id",
    "x-amzn-sagemaker-target-container-hostname",
    "x-amzn-sagemaker-target-model",
    "x-amzn-sagemaker-target-variant",
    "x-goog-api-key",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
)

# Values of Accept that take JSON and nothing else before it, the last being axios's; a request without one does, too.
JSON_ACCEPT = ("*/*", "application/json", "application/json, */*", "application/json, text/plain, */*")

# Removed from what is kept: an answer for all callers must not depend on one. Credentials are of no use there, as the
# gateway lets the edge in by itself, and the rest is the edge's own business.
REMOVED = (
    "api-key",
    "apikey",
    "authorization",
    "cache-control",
    "content-encoding",
    "cookie",
    "kong-debug",
    "ocp-apim-subscription-key",
    "origin",
    "pragma",
    "proxy-authorization",
    "range",
    "x-api-key",
    "x-auth-token",
)

# What viewers need not know of the gateway.
INTERNAL = (
    "Cache-Tag",
    "Server",
    "X-Kong-Admin-Latency",
    "X-Kong-Proxy-Latency",
    "X-Kong-Request-Id",
    "X-Kong-Response-Latency",
    "X-Kong-Upstream-Latency",
    "X-Kong-Upstream-Status",
)


def unkeyed(route: EdgeRouteArgs, *more: str) -> list[str]:
    """The headers that send a request for this route past the cache, in alphabetical order."""
    browsers = () if is_told_to_all(route) else ("origin",)
    return sorted({*UNKEYED, *browsers, *more} - {*(route.get("key_headers") or [])})
