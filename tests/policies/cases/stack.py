"""The stack as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.policies.cases.case import Case, Configured
from tests.policies.cases.cloudfront import DISTRIBUTION, distribution, origin
from tests.policies.cases.google import ENDPOINT, ORIGIN, SERVICE
from tests.policies.cases.kong import PLUGIN, function, route, service
from tests.policies.cases.shared_cache import REDIS, SERVERLESS
from tests.policies.resources import UNKNOWN, Res

_HOSTED = route(hosts=["Kong.example.com"])
_SECRET = Res("random:index/randomPassword:RandomPassword", "secret", {"length": 40})
_OTHER = Res("random:index/randomPassword:RandomPassword", "other", {"length": 40})
_EDGE = distribution({"origins": ["secret"]})
_KEYED = replace(function(), refs={"serviceId": ["model"], "configJson": ["secret"]})
_NAMES = {"project": "shop", "stack": "dev"}
_PROD = replace(distribution(), stack="prod")


def _tagged(tags: Sequence[str]) -> Res:
    return Res(PLUGIN, "cache", {"name": "proxy-cache", "tags": list(tags)})


CASES = [
    Case(
        "edge-origin-is-gateway",
        [
            [_EDGE, _HOSTED, service(), _KEYED, _SECRET],
            [_EDGE, _SECRET],  # the gateway is another stack's
            [distribution(), route(), service()],
            [Res(ORIGIN, "origin", {"originAddress": "kong.example.com"}), _HOSTED],
        ],
        [
            (
                [distribution(origins=[origin(domainName="other.example.com")]), _HOSTED],
                "has as origin 1 a host that is none of the gateway's",
            ),
            (
                [Res(ORIGIN, "origin", {"originAddress": "other.example.com"}), _HOSTED],
                "has as address a host that is none of the gateway's",
            ),
            (
                [Res(ENDPOINT, "endpoint", {"fqdn": "other.example.com"}), _HOSTED],
                "has as address a host that is none of the gateway's",
            ),
            (
                [distribution({"origins": ["other"]}), _HOSTED, _KEYED, _SECRET, _OTHER],
                "proves itself by a secret that no plugin of the gateway is made from",
            ),
        ],
        [
            [distribution(origins=[origin(domainName=UNKNOWN)]), _HOSTED],
            [distribution(origins=UNKNOWN), _HOSTED],
            [distribution(), route(hosts=UNKNOWN)],
            [_EDGE, _HOSTED, _KEYED.but(configJson=UNKNOWN), _SECRET],
        ],
        [Configured({"gatewayHosts": ["gateway.example.com"]}, [distribution(), route()], True)],
    ),
    Case(
        "production-protected",
        [[distribution()], [replace(_PROD, protect=True)], [replace(service(), stack="prod")]],
        [
            ([_PROD], "is not protected"),
            ([Res(SERVERLESS, "cache", {}, stack="prod")], "is not protected"),
            ([Res(REDIS, "cache", {}, stack="prod")], "is not protected"),
            ([Res(SERVICE, "media", {}, stack="production-eu")], "is not protected"),
        ],
        [[replace(distribution(origins=UNKNOWN), stack="prod", protect=True)]],
        [Configured({"productionStacks": "^live$"}, [_PROD], False)],
    ),
    Case(
        "owner-tags",
        [
            [_tagged(["project:shop", "stack:dev", "model:digits"])],
            [Res(DISTRIBUTION, "cdn", {"tags": _NAMES})],
            [Res(DISTRIBUTION, "cdn", {}, provider={"defaultTags": '{"tags": {"project": "shop", "stack": "dev"}}'})],
            [
                Res(
                    DISTRIBUTION,
                    "cdn",
                    {"tags": {"stack": "x"}},
                    provider={"defaultTags": {"tags": {"Project": "shop"}}},
                )
            ],
            [Res(SERVICE, "media", {"labels": _NAMES})],
            [Res(SERVICE, "media", {}, provider={"defaultLabels": '{"project": "shop", "stack": "dev"}'})],
        ],
        [
            ([_tagged(["project:shop"])], "has no tag stack"),
            ([Res(DISTRIBUTION, "cdn", {})], "has no tag project and no tag stack"),
            ([Res(SERVICE, "media", {"labels": {"stack": "dev"}})], "has no tag project"),
        ],
        [
            [_tagged([]).but(tags=UNKNOWN)],
            [Res(DISTRIBUTION, "cdn", {"tags": UNKNOWN})],
            [Res(DISTRIBUTION, "cdn", {}, provider={"defaultTags": UNKNOWN})],
        ],
        [Configured({"keys": ["cost-center"]}, [Res(DISTRIBUTION, "cdn", {"tags": _NAMES})], True)],
    ),
]
