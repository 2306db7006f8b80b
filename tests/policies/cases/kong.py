"""Kong."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
