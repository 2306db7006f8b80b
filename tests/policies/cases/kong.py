"""Kong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.policies.cases.case import Case, Configured
from tests.policies.resources import UNKNOWN, Res

SERVICE, ROUTE = "kong:index/service:Service", "kong:index/route:Route"
PLUGIN, PROVIDER = "kong:index/plugin:Plugin", "pulumi:providers:kong"
_CACHE = {
    "strategy": "memory",
    "memory": {"dictionary_name": "predictions"},
    "request_method": ["POST"],
    "response_code": [200],
    "content_type": ["application/json"],
    "cache_ttl": 300,
    "vary_headers": ["Xbodydigest"],
}


def service(**props: Any) -> Res:
    return Res(SERVICE, "model", {"protocol": "https", "host": "model.example.com", "id": "s1", **props})


def route(**props: Any) -> Res:
    return Res(
        ROUTE, "predict", {"serviceId": "s1", "methods": ["POST"], "id": "r1", **props}, {"serviceId": ["model"]}
    )


def plugin(kind: str, config: Mapping[str, Any] | str, name: str = "", **props: Any) -> Res:
    """A plugin of the service."""
    text = config if isinstance(config, str) else json.dumps(config)
    given = {"name": kind, "configJson": text, "serviceId": "s1", **props}
    refs = {"serviceId": ["model"]} if given["serviceId"] is not None else {}
    present = {key: value for key, value in given.items() if value is not None}
    return Res(PLUGIN, name or kind, present, refs)


def cache(**config: Any) -> Res:
    """A cache with a config; None takes an entry away."""
    merged = {**_CACHE, **config}
    return plugin("proxy-cache", {name: value for name, value in merged.items() if value is not None})


def function(text: str = 'request.set_header("Xbodydigest", digest) -- authorization bypasses') -> Res:
    return plugin("pre-function", {"access": [text]})


HIDDEN = plugin("proxy-cache", UNKNOWN)
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
        "kong-cache-body-in-key",
        [[cache()], [cache(request_method=None, vary_headers=None)], [cache(vary_headers=None).but(enabled=False)]],
        [
            (
                [cache(vary_headers=["Accept"])],
                "answers POST from its cache without looking at the body: vary_headers names no digest of it",
            ),
            (
                [cache(vary_headers=None, request_method=["GET", "POST", "PUT"])],
                "answers POST and PUT from its cache without looking at the body: vary_headers names no digest of it",
            ),
        ],
        [[HIDDEN], [HIDDEN.but(name=UNKNOWN)], [cache(vary_headers=None).but(enabled=UNKNOWN)]],
        [
            Configured({"digestHeaders": "^xq$"}, [cache(vary_headers=["XQ"])], False),
            Configured({"digestHeaders": "^xq$"}, [cache()], True),
        ],
    ),
    Case(
        "kong-cache-key-header-name",
        [[cache()], [cache(vary_headers=["X-Tenant", "Xbodydigest"])]],
        [
            (
                [cache(vary_headers=["X-Body-Hash"])],
                "has a digest header with a hyphen or an underscore in vary_headers, whose two spellings a client can "
                "play off against each other",
            )
        ],
        [[HIDDEN]],
        [Configured({"digestHeaders": "^x-q$"}, [cache(vary_headers=["X-Q"])], True)],
    ),
    Case(
        "kong-cache-own-dictionary",
        [[cache()], [cache(strategy="redis", memory=None)]],
        [
            (
                [cache(memory=None)],
                "shares Kong's own dictionary kong_db_cache, where predictions and Kong's entities push each other out",
            ),
            (
                [cache(memory={"dictionary_name": "kong_cache"})],
                "uses a dictionary whose name is among Kong's own (kong_...)",
            ),
        ],
        [[HIDDEN]],
    ),
    Case(
        "kong-cache-no-errors",
        [[cache()], [cache(response_code=[200, 203, 301])]],
        [
            (
                [cache(response_code=[200, 404, 503])],
                "keeps answers with status 404 and 503: an error would outlive its cause",
            ),
            (
                [cache(response_code=None)],
                "keeps answers with status 404, by default: an error would outlive its cause",
            ),
        ],
        [[HIDDEN]],
    ),
    Case(
        "kong-cache-ttl",
        [[cache()], [cache(cache_ttl=None)], [cache(cache_ttl=86400)]],
        [
            ([cache(cache_ttl=86401)], "keeps answers for 86401 seconds by cache_ttl, more than 86400"),
            ([cache(storage_ttl=1000000)], "keeps answers for 1000000 seconds by storage_ttl, more than 86400"),
        ],
        [[HIDDEN]],
        [
            Configured({"maxTtlSeconds": 100000}, [cache(cache_ttl=90000)], False),
            Configured({"maxTtlSeconds": 60}, [cache()], True),
        ],
    ),
    Case(
        "kong-cache-content-types",
        [[cache()], [cache(content_type=None)]],
        [
            ([cache(content_type="application/json")], "has a text as content_type, where Kong takes a list"),
            ([cache(content_type=["text/event-stream; charset=utf-8"])], "keeps text/event-stream"),
        ],
        [[HIDDEN]],
    ),
    Case(
        "kong-cache-one-key",
        [GATEWAY, _without("proxy-cache", "pre-function"), _with(cache(request_method=["GET"]))],
        [
            (
                [*GATEWAY, plugin("proxy-cache", _CACHE, "second", serviceId=None)],
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
            )
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
    ),
    Case(
        "kong-upstream-https",
        [
            [service()],
            [service(protocol="http", host="127.0.0.1")],
            [service(protocol="http", host="10.1.2.3")],
            [service(protocol="http", host="model")],
            [service(protocol="http", host="model.models.svc.cluster.local")],
        ],
        [
            ([service(protocol="http")], "sends requests in clear to a public host"),
            ([service(protocol="http", host="8.8.8.8")], "sends requests in clear to a public host"),
        ],
        [[service(protocol=UNKNOWN)], [service(protocol="http", host=UNKNOWN)]],
    ),
    Case(
        "kong-admin-https",
        [
            [Res(PROVIDER, "default", {"kongAdminUri": uri})]
            for uri in (
                "https://kong.example.com",
                "http://127.0.0.1:8001",
                "http://[::1]:8001",
                "http://localhost:8001",
            )
        ],
        [
            (
                [Res(PROVIDER, "default", {"kongAdminUri": "http://10.0.0.7:8001", "kongAdminToken": "t0k3n"})],
                "calls the Admin API by plain HTTP, with its token in clear",
            )
        ],
        [[Res(PROVIDER, "default", {"kongAdminUri": UNKNOWN})]],
        [
            Configured(
                {"allowedHosts": ["kong.internal"]},
                [Res(PROVIDER, "default", {"kongAdminUri": "http://kong.internal:8001"})],
                False,
            )
        ],
    ),
]
