"""What a URL map does with a request: a service, a redirect, or an abort, with header actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.edge.cloud_cdn.backend_service import BackendService
from local.edge.fields import Fields
from local.edge.google.cors import CorsPolicy
from local.edge.google.header_action import RESPONSE_VARIABLES, HeaderAction, added_header, check_variables
from local.edge.google.redirect import UrlRedirect, UrlRewrite


@dataclass(frozen=True)
class Route:
    """The outcome of a rule or a default; exactly one of service and redirect, or abort_status alone.

    actions: in the order in which they are applied. retries: a failed connection is tried again so often; other retry
    conditions, mirrors, weights, delays, stream durations and cache policies of a URL map are refused.
    Source: API reference, URL maps (HttpRouteAction, HttpHeaderAction).
    """

    service: BackendService | None
    redirect: UrlRedirect | None = None
    rewrite: UrlRewrite = field(default_factory=UrlRewrite)
    actions: tuple[HeaderAction, ...] = ()
    cors: CorsPolicy | None = None
    abort_status: int = 0
    timeout_seconds: float = 0
    retries: int = 0

    @classmethod
    def read(
        cls,
        fields: Fields,
        services: Mapping[str, BackendService],
        names: tuple[str, str, str] = ("service", "urlRedirect", "routeAction"),
    ) -> Route | None:
        """Read what `names` name; None: there is nothing."""
        service, redirect = fields.text(names[0], "").rpartition("/")[2], UrlRedirect.read(fields.child(names[1]))
        action = fields.child(names[2])
        if service and service not in services:
            raise fields.error(f"names the backend service {service}, which is not registered")
        if service and redirect is not None:
            raise fields.error(f"has both {names[0]} and {names[1]}")
        if action is None:
            return cls(services.get(service), redirect) if service or redirect else None
        retries = _retries(action.child("retryPolicy"))
        route = cls(
            service=services.get(service),
            redirect=redirect,
            rewrite=UrlRewrite.read(action.child("urlRewrite")),
            cors=CorsPolicy.read(action.child("corsPolicy")),
            abort_status=_abort_status(action.child("faultInjectionPolicy")),
            timeout_seconds=_duration(action.child("timeout")),
            retries=retries,
        )
        action.end()
        return route


def header_action(fields: Fields | None) -> tuple[HeaderAction, ...]:
    """Read a headerAction: none or one."""
    if fields is None:
        return ()
    action = HeaderAction(
        request_removed=frozenset(fields.texts("requestHeadersToRemoves")),
        request_added=tuple(added_header(one) for one in fields.children("requestHeadersToAdds")),
        response_removed=frozenset(fields.texts("responseHeadersToRemoves")),
        response_added=tuple(added_header(one) for one in fields.children("responseHeadersToAdds")),
    )
    check_variables(fields.where, action.request_added, frozenset())
    check_variables(fields.where, action.response_added, RESPONSE_VARIABLES)
    fields.end()
    return (action,)


def _abort_status(fields: Fields | None) -> int:
    abort = fields.child("abort", required=True) if fields else None
    if fields is None or abort is None:
        return 0
    fields.end()
    status, percentage = abort.integer("httpStatus", None, 200, 599), abort.integer("percentage", 100)
    abort.end()
    if percentage != 100:
        raise abort.error(f"has a percentage of {percentage}; the local edge aborts all requests or none")
    return status


def _retries(fields: Fields | None) -> int:
    if fields is None:
        return 0
    fields.without_effect("perTryTimeout")
    conditions, retries = fields.texts("retryConditions"), fields.integer("numRetries", 1, 0, 2)
    fields.end()
    wrong = [one for one in conditions if one != "connect-failure"]
    if wrong:
        raise fields.error(f"has the retry conditions {', '.join(wrong)}; the local edge retries connect-failure alone")
    return retries


def _duration(fields: Fields | None) -> float:
    if fields is None:
        return 0
    seconds = fields.text("seconds")
    nanos = fields.integer("nanos", 0)
    fields.end()
    if not seconds.isdigit():
        raise fields.error("must have seconds as a number in a string")
    return int(seconds) + nanos / 1e9
