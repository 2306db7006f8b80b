"""Which requests Media CDN keeps, by what key, and as what they reach the gateway."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.edge.google.rule_counts import route_rule_count
from components.edge.google.unkeyed_headers import JSON_ACCEPT, REMOVED, UNKEYED
from components.edge.media_cdn import MediaCdnEdge
from tests.components.edge.cloudfront.arguments import ORIGIN_SECRET, TOKEN, private_route, shareable_route
from tests.components.edge.google.arguments import bare_args, fast, full_routes, media_args
from tests.components.edge.google.memory_gcp import GcpStack
from tests.components.edge.google.route_choice import Request, rule_of

Rule = dict[str, Any]
WORDS = "/words/predict"


def rules_of(stack: GcpStack, args: Any) -> list[Rule]:
    made = stack.up(lambda: MediaCdnEdge("edge", args))
    [matcher] = made["edge-service"]["inputs"]["routing"]["pathMatchers"]
    return matcher["routeRules"]


@pytest.fixture
def rules(stack: GcpStack) -> list[Rule]:
    return rules_of(stack, bare_args(routes=[fast(shareable_route()), fast(private_route())]))


def policy(rule: Rule | None) -> dict[str, Any]:
    assert rule is not None
    return rule["routeAction"]["cdnPolicy"]


def is_cached(rule: Rule | None) -> bool:
    return rule is not None and policy(rule)["cacheMode"] != "BYPASS_CACHE"


def added(rule: Rule | None) -> dict[str, str]:
    assert rule is not None
    given = rule["headerAction"]["requestHeaderToAdds"]
    assert all(each["replace"] is True for each in given), "what the viewer sent is kept"
    return {each["headerName"]: each["headerValue"] for each in given}


def removed(rule: Rule | None) -> set[str]:
    assert rule is not None
    return {each["headerName"] for each in rule["headerAction"]["requestHeaderToRemoves"]}


def test_a_get_of_a_shareable_model_is_kept_as_the_gateway_says(rules: list[Rule]) -> None:
    assert policy(rule_of(rules, Request())) == {
        "cacheMode": "USE_ORIGIN_HEADERS",
        "cacheKeyPolicy": {
            "excludeHost": True,
            "includeProtocol": False,
            "includedQueryParameters": ["input"],
            "includedHeaderNames": ["x-model-version"],
        },
        "negativeCaching": True,
        "negativeCachingPolicy": {"500": "1s", "502": "1s", "503": "1s", "504": "2s"},
        "signedRequestMode": "DISABLED",
    }


def test_the_version_overwrites_what_the_viewer_sent_and_is_part_of_the_key(rules: list[Rule]) -> None:
    rule = rule_of(rules, Request(headers={"x-model-version": "0" * 32}))
    assert added(rule) == {
        "X-Origin-Verify": ORIGIN_SECRET,
        "X-Model-Version": TOKEN,
        "Accept": "application/json",
    }
    assert policy(rule)["cacheKeyPolicy"]["includedHeaderNames"] == ["x-model-version"]


def test_a_new_version_is_another_key(stack: GcpStack) -> None:
    def rules(token: str) -> list[Rule]:
        return rules_of(stack, bare_args(routes=[fast(shareable_route(version_token=token))]))

    versions = [added(rule_of(rules(token), Request()))["X-Model-Version"] for token in ("a" * 32, "b" * 32)]
    assert versions == ["a" * 32, "b" * 32]


def test_headers_that_change_an_answer_are_in_the_key_of_their_model_alone(stack: GcpStack) -> None:
    rules = rules_of(stack, media_args())
    names = policy(rule_of(rules, Request()))["cacheKeyPolicy"]["includedHeaderNames"]
    assert names == ["x-model-version", "prefer", "x-tenant"]
    others = policy(rule_of(rules, Request(path="/v1/vectors.json")))["cacheKeyPolicy"]["includedHeaderNames"]
    assert others == ["x-model-version"]


def test_a_key_header_does_not_bypass_and_any_other_does(stack: GcpStack) -> None:
    rules = rules_of(stack, media_args())
    assert is_cached(rule_of(rules, Request(headers={"prefer": "a"})))
    assert not is_cached(rule_of(rules, Request(path="/v1/vectors.json", headers={"prefer": "a"})))


@pytest.mark.parametrize("header", UNKEYED)
def test_a_header_that_is_not_in_the_key_goes_past_the_cache(rules: list[Rule], header: str) -> None:
    rule = rule_of(rules, Request(headers={header: "1", "accept": "*/*"}))
    assert policy(rule) == {"cacheMode": "BYPASS_CACHE"}
    assert added(rule) == {"X-Origin-Verify": ORIGIN_SECRET}
    assert removed(rule) == {"x-model-version"}


@pytest.mark.parametrize("accept", JSON_ACCEPT)
def test_whoever_takes_json_gets_the_kept_answer(rules: list[Rule], accept: str) -> None:
    assert is_cached(rule_of(rules, Request(headers={"accept": accept})))


@pytest.mark.parametrize("accept", ["text/csv", "application/json;q=0, */*", "application/json,text/csv", ""])
def test_another_accept_goes_past_the_cache(rules: list[Rule], accept: str) -> None:
    rule = rule_of(rules, Request(headers={"accept": accept}))
    assert not is_cached(rule)
    assert added(rule) == {"X-Origin-Verify": ORIGIN_SECRET}


HEADERS = st.dictionaries(
    st.sampled_from([*UNKEYED, *REMOVED, "accept", "x-model-version", "x-origin-verify", "user-agent"]),
    st.sampled_from(["", "1", "*/*", "application/json", "text/csv", "application/json, */*"]),
    max_size=4,
)


@given(
    headers=HEADERS,
    method=st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE"]),
    query=st.dictionaries(st.sampled_from(["input", "other"]), st.just("e30"), max_size=2),
    path=st.sampled_from(["/digits/predict", "/words/predict", "/digits/predict/", "/DIGITS/predict", "/", "/status"]),
)
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_is_kept_that_the_key_does_not_tell_apart(
    rules: list[Rule], headers: dict[str, str], method: str, query: dict[str, str], path: str
) -> None:
    rule = rule_of(rules, Request(path, method, query, headers))
    if rule is None:
        assert path not in ("/digits/predict", "/words/predict")
        return
    assert added(rule)["X-Origin-Verify"] == ORIGIN_SECRET
    kept = is_cached(rule)
    assert ("X-Model-Version" in added(rule)) == kept
    assert ("x-model-version" in removed(rule)) != kept
    if not kept:
        return
    assert path == "/digits/predict" and "input" in query
    assert not set(UNKEYED) & set(headers)
    assert headers.get("accept", "*/*") in JSON_ACCEPT
    assert rule["routeMethods"]["allowedMethods"] == ["GET"]


def test_post_passes_uncached_as_it_came(rules: list[Rule]) -> None:
    rule = rule_of(rules, Request(method="POST", query={}, headers={"apikey": "k"}))
    assert rule is not None
    assert policy(rule) == {"cacheMode": "BYPASS_CACHE"}
    assert rule["routeMethods"]["allowedMethods"] == ["GET", "POST", "OPTIONS"]
    assert removed(rule) == {"x-model-version"}


def test_a_private_models_get_is_refused_and_its_post_passes(rules: list[Rule]) -> None:
    own = [rule for rule in rules if rule["matchRules"] == [{"fullPathMatch": WORDS}]]
    [rule] = own
    assert rule == rule_of(rules, Request(path=WORDS))
    assert rule["routeMethods"]["allowedMethods"] == ["POST", "OPTIONS"]
    assert policy(rule) == {"cacheMode": "BYPASS_CACHE"}


@pytest.mark.parametrize("path", ["/", "/digits", "/digits/predict/x", "/status", "/Digits/predict"])
def test_no_rule_is_for_another_path(rules: list[Rule], path: str) -> None:
    assert rule_of(rules, Request(path=path)) is None
    assert all(set(match) >= {"fullPathMatch"} for rule in rules for match in rule["matchRules"])


def test_credentials_and_cookies_of_a_viewer_do_not_reach_the_gateway_by_a_kept_answer(rules: list[Rule]) -> None:
    gone = removed(rule_of(rules, Request(headers={"authorization": "Bearer x", "cookie": "a=b", "apikey": "k"})))
    assert gone == {*REMOVED} >= {"authorization", "cookie", "apikey", "origin", "range"}


def test_every_rule_asks_the_gateway_by_its_own_name_and_with_the_secret(stack: GcpStack) -> None:
    rules = rules_of(stack, media_args())
    assert len(rules) == sum(route_rule_count(route) for route in full_routes()) == 11
    for rule in rules:
        assert rule["routeAction"]["urlRewrite"] == {"hostRewrite": "kong.test"}
        assert added(rule)["X-Origin-Verify"] == ORIGIN_SECRET


def test_viewers_keep_nothing_and_see_nothing_internal(rules: list[Rule]) -> None:
    for rule in rules:
        action = rule["headerAction"]
        assert action["responseHeaderToAdds"] == [
            {"headerName": "Cache-Control", "headerValue": "private, no-store", "replace": True},
            {"headerName": "Strict-Transport-Security", "headerValue": "max-age=31536000", "replace": True},
            {"headerName": "X-Content-Type-Options", "headerValue": "nosniff", "replace": True},
            {"headerName": "X-Cache", "headerValue": "{cdn_cache_status}", "replace": True},
        ]
        hidden = {each["headerName"] for each in action["responseHeaderToRemoves"]}
        assert {"Cache-Tag", "Server", "X-Kong-Proxy-Latency"} <= hidden


def shown(rule: Rule | None) -> dict[str, str]:
    assert rule is not None
    return {each["headerName"]: each["headerValue"] for each in rule["headerAction"]["responseHeaderToAdds"]}


def test_browsers_of_one_site_get_the_kept_answer(stack: GcpStack) -> None:
    rules = rules_of(stack, media_args())
    cached = rule_of(rules, Request(headers={"origin": "https://other.test"}))
    assert is_cached(cached)
    assert shown(cached)["Access-Control-Allow-Origin"] == "https://app.test"
    assert shown(cached)["Access-Control-Expose-Headers"] == "Age, Cache-Status, Retry-After, X-Cache, X-Request-ID"
    others = [rule for rule in rules if rule is not cached]
    assert not any("Access-Control-Allow-Origin" in shown(rule) for rule in others)


def test_browsers_of_several_sites_are_answered_by_the_gateway(stack: GcpStack) -> None:
    cors = {"origins": ["https://a.test", "https://b.test"]}
    rules = rules_of(stack, bare_args(routes=[fast(shareable_route(cors=cors))]))
    assert not is_cached(rule_of(rules, Request(headers={"origin": "https://a.test"})))
    assert is_cached(rule_of(rules, Request()))
    assert not any("Access-Control-Allow-Origin" in shown(rule) for rule in rules)


def test_a_preflight_is_answered_by_the_gateway(stack: GcpStack) -> None:
    preflight = {"origin": "https://app.test", "access-control-request-method": "GET", "accept": "*/*"}
    rule = rule_of(rules_of(stack, media_args()), Request(method="OPTIONS", headers=preflight))
    assert policy(rule) == {"cacheMode": "BYPASS_CACHE"}
    assert rule is not None and "OPTIONS" in rule["routeMethods"]["allowedMethods"]
    assert removed(rule) == {"x-model-version"}


def test_signatures_are_asked_for_where_answers_are_kept_alone(stack: GcpStack) -> None:
    made = stack.up(lambda: MediaCdnEdge("edge", media_args()))
    [matcher] = made["edge-service"]["inputs"]["routing"]["pathMatchers"]
    for rule in matcher["routeRules"]:
        signed = {key: value for key, value in policy(rule).items() if key.startswith("signed")}
        assert bool(signed) == is_cached(rule)
        if signed:
            assert signed["signedRequestMode"] == "REQUIRE_TOKENS"
            assert signed["signedRequestKeyset"].startswith("projects/of-the-tests/global/EdgeCacheKeyset/")
            assert signed["signedTokenOptions"] == {"allowedSignatureAlgorithms": ["ED25519", "HMAC_SHA_256"]}


def test_another_order_of_the_models_changes_nothing(stack: GcpStack) -> None:
    routes = media_args()["routes"]
    assert rules_of(stack, media_args()) == rules_of(stack, media_args(routes=routes[::-1]))


def test_paths_and_versions_may_be_known_late(stack: GcpStack) -> None:
    def program() -> None:
        late = {"path": pulumi.Output.from_input("/late"), "version_token": pulumi.Output.from_input(TOKEN)}
        MediaCdnEdge("edge", bare_args(routes=[fast(shareable_route(**late))]))

    made = stack.up(program)
    [matcher] = made["edge-service"]["inputs"]["routing"]["pathMatchers"]
    assert is_cached(rule_of(matcher["routeRules"], Request(path="/late")))


def test_hosts_are_ten_to_a_rule(stack: GcpStack) -> None:
    aliases = [f"h{number}.test.com" for number in range(23)]
    made = stack.up(lambda: MediaCdnEdge("edge", bare_args(aliases=aliases)))
    hosts = made["edge-service"]["inputs"]["routing"]["hostRules"]
    assert [len(rule["hosts"]) for rule in hosts] == [10, 10, 3]
    assert [host for rule in hosts for host in rule["hosts"]] == aliases
    assert {rule["pathMatcher"] for rule in hosts} == {"models"}
