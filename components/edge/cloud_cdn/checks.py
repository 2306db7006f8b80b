"""Checks of CloudCdnEdge's arguments, beyond those that all of Google's edges have."""

from .. import limits
from ..google.arguments import CloudCdnEdgeArgs, GoogleOriginArgs
from ..google.checks import Product
from ..google.rule_counts import predicate_count
from .routing import COMPONENT

CLOUD_CDN = Product(
    component=COMPONENT,
    name="Cloud CDN",
    arguments=CloudCdnEdgeArgs,
    origin=GoogleOriginArgs,
    max_timeout_seconds=limits.CLOUD_CDN_MAX_TIMEOUT_SECONDS,
    max_key_headers=limits.CLOUD_CDN_MAX_KEY_HEADERS,
    max_certificates=limits.CLOUD_CDN_CERTIFICATES,
)


def check_arguments(name: str, args: CloudCdnEdgeArgs) -> None:
    """Everything that is known when the component is made. Raises ArgumentError."""
    if "authentication" in args:
        # cdn/docs/using-signed-urls: unsigned requests are not refused, and answers to signed ones are kept "regardless
        # of the backend's Cache-Control header", that is also those that the gateway forbids to keep.
        raise CLOUD_CDN.error(
            "authentication",
            "is not possible: Cloud CDN passes unsigned requests and keeps what the gateway forbids to keep; "
            "use MediaCdnEdge or CloudFrontEdge",
        )
    CLOUD_CDN.check_common(name, args)
    predicates = sum(predicate_count(route) for route in args["routes"])
    if predicates > limits.CLOUD_CDN_PREDICATES:
        raise CLOUD_CDN.error(
            "routes",
            f"make {predicates} conditions of a URL map, which takes {limits.CLOUD_CDN_PREDICATES}: "
            "use another edge for some of the models",
        )
