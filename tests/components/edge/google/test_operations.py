"""What both of Google's edges have besides routing: certificate, records, firewall, logs, alarms, secrets, order."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from components.edge.cloud_cdn import CloudCdnEdge
from components.edge.media_cdn import MediaCdnEdge
from components.gateway import KongCachedRoute
from tests.components.arguments import minimal_route
from tests.components.edge.cloudfront.arguments import ORIGIN_SECRET, private_route
from tests.components.edge.google.arguments import (
    ALIASES,
    CERTIFICATE,
    CHANNEL,
    OFF,
    bare_args,
    cloud_args,
    fast,
    media_args,
    minimal_args,
)
from tests.components.edge.google.memory_gcp import ADDRESSES, MEDIA_ADDRESSES, GcpStack, made_id, name_of, self_link
from tests.components.trial_stack import Graph

Component = type[MediaCdnEdge] | type[CloudCdnEdge]
FULL: dict[Component, Any] = {MediaCdnEdge: media_args, CloudCdnEdge: cloud_args}
V4 = {MediaCdnEdge: MEDIA_ADDRESSES["ipv4Addresses"][0], CloudCdnEdge: ADDRESSES["IPV4"]}
V6 = {MediaCdnEdge: MEDIA_ADDRESSES["ipv6Addresses"][0], CloudCdnEdge: ADDRESSES["IPV6"]}

both = pytest.mark.parametrize("component", [MediaCdnEdge, CloudCdnEdge])


def graph(stack: GcpStack, component: Component, args: Any) -> Graph:
    return stack.up(lambda: component("edge", args))


@both
def test_outputs_are_what_callers_and_a_purge_need(stack: GcpStack, component: Component) -> None:
    def program() -> None:
        edge = component("edge", minimal_args())
        pulumi.export("edge", {"id": edge.edge_id, "domain": edge.domain_name, "url": edge.url})

    made = stack.up(program)
    named = name_of(made_id(made["edge-service" if component is MediaCdnEdge else "edge-routes"]))
    assert stack.outputs()["edge"] == {
        "id": named,
        "domain": V4[component],
        "url": "https://predict.test.com",
    }


@both
def test_a_zone_brings_a_certificate_and_records_for_every_alias(stack: GcpStack, component: Component) -> None:
    made = graph(stack, component, FULL[component]())
    [authorization] = made.of_type("DnsAuthorization").values()
    assert authorization["inputs"]["domain"] == "predict.test.com"
    certificate = made["edge-certificate"]["inputs"]
    assert certificate["managed"] == {"domains": ALIASES, "dnsAuthorizations": [made_id(authorization)]}
    assert certificate.get("scope") == ("EDGE_CACHE" if component is MediaCdnEdge else None)
    assert "edge-domain-record-predict-test-com" in made.dependencies("edge-certificate")
    records = [item["inputs"] for item in made.of_type("RecordSet").values()]
    assert all(record["managedZone"] == "test-com" for record in records)
    found = {(record["name"], record["type"]): record["rrdatas"] for record in records}
    assert found == {
        ("_acme-challenge.predict.test.com.", "CNAME"): ["1.authorize.goog."],
        **{(f"{alias}.", "A"): [V4[component]] for alias in ALIASES},
        **{(f"{alias}.", "AAAA"): [V6[component]] for alias in ALIASES},
    }


@both
def test_tls_is_at_least_1_2(stack: GcpStack, component: Component) -> None:
    made = graph(stack, component, minimal_args())
    policy = made["edge-tls"]
    assert policy["inputs"]["minTlsVersion"] == "TLS_1_2" and policy["inputs"]["profile"] == "MODERN"
    user = made["edge-service" if component is MediaCdnEdge else "edge-proxy"]["inputs"]
    assert user["sslPolicy"] == made_id(policy)


def test_media_cdn_asks_for_tls_with_the_given_certificates(stack: GcpStack) -> None:
    service = graph(stack, MediaCdnEdge, minimal_args())["edge-service"]["inputs"]
    assert service["requireTls"] is True
    assert service["edgeSslCertificates"] == [CERTIFICATE]


def test_a_load_balancer_redirects_http_and_has_a_certificate_for_every_alias(stack: GcpStack) -> None:
    made = graph(stack, CloudCdnEdge, minimal_args(aliases=ALIASES))
    redirect = made["edge-redirect"]
    assert redirect["inputs"]["defaultUrlRedirect"] == {
        "httpsRedirect": True,
        "redirectResponseCode": "PERMANENT_REDIRECT",
        "stripQuery": False,
    }
    assert made["edge-http"]["inputs"]["urlMap"] == made_id(redirect)
    proxy, certificates = made["edge-proxy"]["inputs"], made_id(made["edge-certificates"])
    assert proxy["certificateMap"] == f"//certificatemanager.googleapis.com/{certificates}"
    assert (proxy["quicOverride"], proxy["tlsEarlyData"]) == ("ENABLE", "DISABLED")
    entries = [item["inputs"] for item in made.of_type("CertificateMapEntry").values()]
    assert sorted(entry["hostname"] for entry in entries) == sorted(ALIASES)
    assert all(entry["certificates"] == [CERTIFICATE] for entry in entries)
    rules = {
        (item["inputs"]["portRange"], item["inputs"]["ipAddress"]): item["inputs"]["target"]
        for item in made.of_type("GlobalForwardingRule").values()
    }
    targets = {"443": made_id(made["edge-proxy"]), "80": made_id(made["edge-http"])}
    addresses = [made_id(made[name]) for name in ("edge-ipv4", "edge-ipv6")]
    assert rules == {(port, address): target for port, target in targets.items() for address in addresses}


def test_every_part_of_the_load_balancer_is_of_one_scheme(stack: GcpStack) -> None:
    made = graph(stack, CloudCdnEdge, cloud_args())
    parts = [*made.of_type("BackendService").values(), *made.of_type("GlobalForwardingRule").values()]
    assert {part["inputs"]["loadBalancingScheme"] for part in parts} == {"EXTERNAL_MANAGED"}


@both
@pytest.mark.parametrize(
    ("countries", "expression"),
    [
        ({"deny": ["FR", "DE", "FR"]}, "'[DE,FR]'.contains(origin.region_code)"),
        ({"allow": ["DE"]}, "!'[DE]'.contains(origin.region_code)"),
    ],
)
def test_countries_are_refused_in_front_of_the_cache(
    stack: GcpStack, component: Component, countries: Any, expression: str
) -> None:
    made = graph(stack, component, minimal_args(geo_restriction=countries))
    policy = made["edge-edge-firewall"]
    refuse, allow = policy["inputs"]["rules"]
    assert policy["inputs"]["type"] == "CLOUD_ARMOR_EDGE"
    assert (refuse["action"], refuse["match"]) == ("deny(403)", {"expr": {"expression": expression}})
    assert (allow["action"], allow["priority"]) == ("allow", 2_147_483_647)
    user = made["edge-service" if component is MediaCdnEdge else "edge-cached-digits"]["inputs"]
    assert user["edgeSecurityPolicy"] == self_link(made_id(policy))


def test_a_backend_policy_limits_addresses_and_refuses_countries_that_pass_no_cache(stack: GcpStack) -> None:
    made = graph(stack, CloudCdnEdge, cloud_args())
    policy = made["edge-firewall"]
    countries, rate, allow = policy["inputs"]["rules"]
    assert policy["inputs"]["type"] == "CLOUD_ARMOR"
    assert countries["action"] == "deny(403)"
    assert rate["action"] == "throttle"
    assert rate["rateLimitOptions"] == {
        "conformAction": "allow",
        "exceedAction": "deny(429)",
        "enforceOnKey": "IP",
        "rateLimitThreshold": {"count": 500, "intervalSec": 300},
    }
    assert countries["priority"] < rate["priority"] < allow["priority"]
    for name in ("edge-passing", "edge-cached-digits"):
        assert made[name]["inputs"]["securityPolicy"] == self_link(made_id(policy))


def test_without_firewall_only_countries_are_refused(stack: GcpStack) -> None:
    assert not graph(stack, CloudCdnEdge, minimal_args(firewall=OFF)).of_type("SecurityPolicy")
    made = graph(stack, CloudCdnEdge, minimal_args(firewall=OFF, geo_restriction={"deny": ["DE"]}))
    assert [rule["action"] for rule in made["edge-firewall"]["inputs"]["rules"]] == ["deny(403)", "allow"]


@both
def test_logs_are_on_and_can_be_switched_off(stack: GcpStack, component: Component) -> None:
    name = "edge-service" if component is MediaCdnEdge else "edge-passing"
    made = graph(stack, component, minimal_args())
    assert made[name]["inputs"]["logConfig"] == {"enable": True, "sampleRate": 1}
    assert graph(stack, component, minimal_args(logs={"sample_rate": 0.5}))[name]["inputs"]["logConfig"] == {
        "enable": True,
        "sampleRate": 0.5,
    }
    assert graph(stack, component, bare_args())[name]["inputs"]["logConfig"] == {"enable": False}


METRICS = {
    MediaCdnEdge: (
        "edgecache_googleapis_com:edge_cache_route_rule_request_count",
        'monitored_resource="edgecache.googleapis.com/EdgeCacheRouteRule",service_name="{id}"',
    ),
    CloudCdnEdge: (
        "loadbalancing_googleapis_com:https_request_count",
        'monitored_resource="https_lb_rule",url_map_name="{id}"',
    ),
}


@both
def test_alarms_are_about_errors_latency_and_hits_under_traffic(stack: GcpStack, component: Component) -> None:
    made = graph(stack, component, FULL[component]())
    named = name_of(made_id(made["edge-service" if component is MediaCdnEdge else "edge-routes"]))
    queries: dict[str, str] = {}
    for name, item in made.of_type("AlertPolicy").items():
        [condition] = item["inputs"]["conditions"]
        query = condition["conditionPrometheusQueryLanguage"]
        assert (query["duration"], query["evaluationInterval"]) == ("600s", "60s")
        assert item["inputs"]["notificationChannels"] == [CHANNEL]
        queries[name] = query["query"]
    metric, labels = METRICS[component]
    one = f"{metric}{{{labels.format(id=named)}"
    asked = f'sum(increase({one},cache_result=~"(?i)hit|miss"}}[5m]))'
    assert queries["edge-hit-ratio"] == (
        f'100 * sum(increase({one},cache_result=~"(?i)hit"}}[5m])) / {asked} < 40 and {asked} >= 50'
    )
    assert queries["edge-errors"] == (
        f'100 * sum(increase({one},response_code_class=~"5.*"}}[5m])) / sum(increase({one}}}[5m])) > 2.5'
    )
    assert queries["edge-origin-latency"].startswith("histogram_quantile(0.9, sum by (le) (rate(")
    assert queries["edge-origin-latency"].endswith("[5m]))) > 700")
    board = json.loads(made["edge-dashboard"]["inputs"]["dashboardJson"])
    charts = board["mosaicLayout"]["tiles"]
    assert [chart["widget"]["title"] for chart in charts] == [
        *("Requests in 5 minutes", "Hit ratio (%)", "Latency of the gateway (ms)", "Errors (%)"),
    ]


@both
def test_without_shareable_models_there_is_no_ratio_to_watch(stack: GcpStack, component: Component) -> None:
    made = graph(stack, component, minimal_args(routes=[fast(private_route())]))
    assert set(made.of_type("AlertPolicy")) == {"edge-errors", "edge-origin-latency"}


@both
def test_alarms_can_be_switched_off(stack: GcpStack, component: Component) -> None:
    made = graph(stack, component, minimal_args(alarms=OFF))
    assert not made.of_type("AlertPolicy") and not made.of_type("Dashboard")


@both
def test_what_serves_is_protected_twice(stack: GcpStack, component: Component) -> None:
    made = graph(stack, component, FULL[component]())
    watching = {"AlertPolicy", "Dashboard", "RecordSet", "SecurityPolicy", component.__name__}
    watching |= {"BackendService"}  # of a model that may go; Google deletes none that the URL map has
    for name, item in made.items():
        if item["type"].split(":")[-1] not in watching:
            assert item["inputs"]["deletionPolicy"] == "PREVENT", name
            assert item["options"]["protect"] is True, name


@both
def test_nothing_is_protected_by_default(stack: GcpStack, component: Component) -> None:
    for name, item in graph(stack, component, minimal_args()).items():
        assert "deletionPolicy" not in item["inputs"] and not item["options"]["protect"], name


@both
def test_the_origin_secret_stays_secret(stack: GcpStack, component: Component) -> None:
    made = graph(stack, component, FULL[component]())
    assert ORIGIN_SECRET not in json.dumps(made.result.graph)
    assert ORIGIN_SECRET in json.dumps(made.result.graph_with(show_secrets=True))
    for file in stack.state_dir.rglob("*"):
        assert not file.is_file() or ORIGIN_SECRET.encode() not in file.read_bytes()


@both
def test_the_edge_is_made_after_what_it_depends_on(stack: GcpStack, component: Component) -> None:
    def program() -> None:
        route = KongCachedRoute("digits", minimal_route())
        component("edge", minimal_args(), pulumi.ResourceOptions(depends_on=[route]))

    made = stack.up(program)
    serving = ["edge-service"] if component is MediaCdnEdge else ["edge-cached-digits", "edge-passing"]
    for name in serving:
        assert {"digits-route", "digits-service", "digits-pre-function"} <= made.dependencies(name)


@both
def test_a_preview_needs_nothing_that_is_known_late(stack: GcpStack, component: Component) -> None:
    made = stack.preview(lambda: component("edge", FULL[component]()))
    assert made.result.changes["create"] == len(made) + 1  # the stack itself
    assert stack.gcp.calls == []


@both
def test_a_second_deployment_changes_nothing(stack: GcpStack, component: Component) -> None:
    graph(stack, component, FULL[component]())
    calls = [*stack.gcp.calls]
    graph(stack, component, FULL[component]())
    assert stack.gcp.calls == calls
