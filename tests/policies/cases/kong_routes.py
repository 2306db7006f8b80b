"""Routes of Kong."""

from __future__ import annotations

from dataclasses import replace

from tests.policies.cases.case import Case, Configured
from tests.policies.cases.kong import HIDDEN, PLUGIN, ROUTE, cache, function, plugin, route, service
from tests.policies.resources import UNKNOWN, Res

KEY_AUTH, RATE = plugin("key-auth", {}), plugin("rate-limiting", {"minute": 60})
SIZE = plugin("request-size-limiting", {"allowed_payload_size": 512, "size_unit": "kilobytes"})


GATEWAY = [service(), route(), cache(), function(), KEY_AUTH, RATE, SIZE]


FIREWALL = Res("aws:wafv2/webAcl:WebAcl", "waf", {"rules": [{"statement": {"rateBasedStatement": {"limit": 2000}}}]})


LOCK = plugin("pre-function", {"access": ['if get_header("X-Origin-Verify") ~= secret then exit(403) end']})


def _without(*kinds: str) -> list[Res]:
    return [item for item in GATEWAY if item.props.get("name") not in kinds]


def _with(*items: Res) -> list[Res]:
    """The gateway with other plugins in the place of those of the same kind."""
    return [*_without(*(str(item.props.get("name")) for item in items)), *items]


_UNKNOWN_KINDS = [item.but(name=UNKNOWN) if item.type == PLUGIN else item for item in GATEWAY]

CASES = [
    Case(
        "kong-cache-one-key",
        [GATEWAY, _without("proxy-cache", "pre-function"), _with(cache(request_method=["GET"]))],
        [
            (
                [*GATEWAY, replace(cache(), name="second")],
                "has 2 caches, of which Kong runs the nearest",
            ),
            (_without("pre-function"), "has a cache of POST and no pre-function that computes its key"),
            (_with(function("nothing")), "has 0 pre-functions that set the header in its cache's key"),
            (
                [*GATEWAY, plugin("pre-function", {"access": ["Xbodydigest"]}, "second")],
                "has 2 pre-functions that set the header in its cache's key",
            ),
        ],
        [
            _with(plugin("pre-function", UNKNOWN)),
            _with(plugin("proxy-cache", UNKNOWN)),
            [*_without("pre-function"), replace(function(), props={**function().props, "serviceId": UNKNOWN}, refs={})],
            _UNKNOWN_KINDS,
        ],
        [Configured({"digestHeaders": "accept"}, _with(cache(vary_headers=["Accept"]), function("Accept")), False)],
    ),
    Case(
        "kong-cache-isolation",
        [
            GATEWAY,
            _without("key-auth"),  # the function knows the header
            _with(cache(vary_headers=["Authorization"]))[:-1],
            [
                *_without("key-auth", "pre-function"),
                plugin("request-transformer", {"remove": {"headers": ["Authorization"]}}),
            ],
            _without("proxy-cache", "key-auth", "pre-function"),
        ],
        [
            (
                _without("key-auth", "pre-function"),
                "passes callers' credentials to the model and gives one caller's answers to all",
            ),
            (
                [*_without("key-auth", "pre-function"), plugin("key-auth", {"anonymous": "somebody"})],
                "passes callers' credentials to the model and gives one caller's answers to all",
            ),
        ],
        [
            [*_without("key-auth", "pre-function"), plugin("pre-function", UNKNOWN)],
            [*_without("key-auth", "pre-function"), plugin("key-auth", UNKNOWN)],
            [*_without("key-auth", "pre-function"), plugin(UNKNOWN, {})],
        ],
        [
            Configured({"credentialHeaders": []}, _without("key-auth", "pre-function"), False),
            Configured({"credentialHeaders": ["x-account"]}, _without("key-auth"), True),
        ],
    ),
    Case(
        "kong-cache-body-buffer",
        [GATEWAY, _with(function('C = {["max_body_bytes"] = 65536}')), _with(cache(request_method=["GET"]))],
        [
            (
                _with(function('Xbodydigest C = {["max_body_bytes"] = 2097152}')),
                "is cached by bodies of up to 2097152 bytes, and Kong's buffer holds 1048576",
            ),
            (
                _with(plugin("request-size-limiting", {"allowed_payload_size": 8})),
                "is cached by bodies of up to 8388608 bytes, and Kong's buffer holds 1048576",
            ),
            (
                _without("request-size-limiting"),
                "is cached by bodies of any size, and Kong's buffer holds 1048576 bytes",
            ),
        ],
        [_with(plugin("pre-function", UNKNOWN)), _with(plugin("request-size-limiting", UNKNOWN)), _with(HIDDEN)],
        [
            Configured({"bufferBytes": 8192}, GATEWAY, True),
            Configured(
                {"bufferBytes": 16777216}, _with(plugin("request-size-limiting", {"allowed_payload_size": 8})), False
            ),
        ],
    ),
    Case(
        "kong-cache-methods",
        [GATEWAY, [item.but(methods=None) if item.type == ROUTE else item for item in GATEWAY]],
        [
            (
                _with(cache(request_method=None)),
                "keeps nothing: it looks at GET and HEAD, which its route does not take",
            )
        ],
        [
            _with(HIDDEN),
            [item.but(methods=UNKNOWN) if item.type == ROUTE else item for item in _with(cache(request_method=None))],
        ],
    ),
    Case(
        "kong-open-route-rate-limit",
        [
            GATEWAY,
            _without("rate-limiting"),
            _without("key-auth"),
            [*_without("key-auth", "rate-limiting", "pre-function"), LOCK, FIREWALL],
        ],
        [
            (_without("key-auth", "rate-limiting"), "is open to everybody without a rate limit"),
            (
                [*_without("key-auth", "rate-limiting", "pre-function"), LOCK],
                "is open to everybody without a rate limit",
            ),
        ],
        [
            [*_without("key-auth", "rate-limiting", "pre-function"), plugin("pre-function", UNKNOWN), FIREWALL],
            [*_without("key-auth", "rate-limiting"), plugin(UNKNOWN, {})],
            [*_without("key-auth", "rate-limiting"), KEY_AUTH.but(serviceId=None, routeId=UNKNOWN)],
        ],
        [
            Configured(
                {"lockHeaders": "x-door"},
                [*_without("key-auth", "rate-limiting", "pre-function"), LOCK, FIREWALL],
                True,
            ),
            Configured(
                {"nodeHeaders": "origin-verify"}, [*_without("key-auth", "rate-limiting", "pre-function"), LOCK], False
            ),
        ],
    ),
    Case(
        "kong-open-route-size-limit",
        [GATEWAY, _without("request-size-limiting"), _without("key-auth")],
        [
            (
                _without("key-auth", "request-size-limiting"),
                "is open to everybody without a limit for the size of requests",
            )
        ],
        [[*_without("key-auth", "request-size-limiting"), plugin(UNKNOWN, {})]],
        [
            Configured(
                {"nodeHeaders": "origin-verify"},
                [*_without("key-auth", "request-size-limiting", "pre-function"), LOCK],
                False,
            )
        ],
    ),
]
