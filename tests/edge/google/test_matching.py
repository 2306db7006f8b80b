"""Match rules, path templates and host rules, which both of Google's edges have."""

from __future__ import annotations

from typing import Any

import pytest
from multidict import CIMultiDict

from local.edge.fields import ConfigurationError, Fields
from local.edge.google.host_rules import host_rule
from local.edge.google.matching import MatchRule
from local.edge.google.path_template import PathTemplate, rewritten
from local.edge.viewer_request import ViewerRequest


def request(target: str = "/a", method: str = "GET", **headers: str) -> ViewerRequest:
    path, mark, query = target.partition("?")
    given = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return ViewerRequest(method, "one.example.com:8003", path, query if mark else None, given, "127.0.0.1")


def matches(rule: dict[str, Any], one: ViewerRequest) -> bool:
    return MatchRule.read(Fields("rule", rule), pseudo_headers=True).matches(one)


@pytest.mark.parametrize(
    ("rule", "target", "found"),
    [
        ({"fullPathMatch": "/a/b"}, "/a/b?x=1", True),
        ({"fullPathMatch": "/a/b"}, "/a/b/", False),
        ({"fullPathMatch": "/a/b"}, "/a/%62", False),
        ({"fullPathMatch": "/a/b"}, "/A/b", False),
        ({"fullPathMatch": "/a/b", "ignoreCase": True}, "/A/b", True),
        ({"prefixMatch": "/a"}, "/ab/c", True),
        ({"prefixMatch": "/a/"}, "/a", False),
        ({"prefixMatch": "/A", "ignoreCase": True}, "/a/b", True),
        ({"pathTemplateMatch": "/{model=*}/predict"}, "/digits/predict", True),
        ({"pathTemplateMatch": "/{model=*}/predict"}, "/a/b/predict", False),
        ({"pathTemplateMatch": "/static/**"}, "/static/a/b", True),
        ({"pathTemplateMatch": "/{all=a/**}"}, "/a/b/c", True),
        ({"pathTemplateMatch": "/v/*.json"}, "/v/x.json", True),
        ({"pathTemplateMatch": "/v/*.json"}, "/v/x.jsonx", False),
    ],
)
def test_paths(rule: dict[str, Any], target: str, found: bool) -> None:
    assert matches(rule, request(target)) == found


@pytest.mark.parametrize(
    ("condition", "one", "found"),
    [
        ({"headerName": "X-A", "presentMatch": True}, request(x_a=""), True),
        ({"headerName": "x-a", "presentMatch": True}, request(), False),
        ({"headerName": "x-a", "presentMatch": True, "invertMatch": True}, request(), True),
        ({"headerName": "x-a", "exactMatch": "1"}, request(X_A="1"), True),
        ({"headerName": "x-a", "exactMatch": "1"}, request(x_a="1,2"), False),
        ({"headerName": "x-a", "exactMatch": "1", "invertMatch": True}, request(x_a="2"), True),
        ({"headerName": "x-a", "prefixMatch": "ab"}, request(x_a="abc"), True),
        ({"headerName": "x-a", "suffixMatch": "bc"}, request(x_a="abc"), True),
        ({"headerName": "x-a", "suffixMatch": "bc"}, request(x_a="abcd"), False),
        ({"headerName": ":method", "exactMatch": "POST"}, request(method="POST"), True),
        ({"headerName": ":method", "exactMatch": "POST"}, request(), False),
        ({"headerName": ":authority", "prefixMatch": "one."}, request(), True),
    ],
)
def test_headers(condition: dict[str, Any], one: ViewerRequest, found: bool) -> None:
    assert matches({"prefixMatch": "/", "headerMatches": [condition]}, one) == found


@pytest.mark.parametrize(
    ("condition", "target", "found"),
    [
        ({"name": "input", "presentMatch": True}, "/a?input=", True),
        ({"name": "input", "presentMatch": True}, "/a?inputs=1", False),
        ({"name": "input", "presentMatch": True}, "/a", False),
        ({"name": "v", "exactMatch": "1"}, "/a?x=2&v=1", True),
        ({"name": "v", "exactMatch": "1"}, "/a?v=2&v=1", False),
    ],
)
def test_query_parameters(condition: dict[str, Any], target: str, found: bool) -> None:
    assert matches({"prefixMatch": "/", "queryParameterMatches": [condition]}, request(target)) == found


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({}, "needs one of prefixMatch, fullPathMatch and pathTemplateMatch"),
        ({"prefixMatch": "/", "fullPathMatch": "/"}, "needs one of prefixMatch"),
        ({"prefixMatch": "/", "regexMatch": "x"}, "has regexMatch: the local edge does not serve that"),
        ({"prefixMatch": "/", "headerMatches": [{"headerName": "a"}]}, "needs one of exactMatch"),
        ({"prefixMatch": "/", "headerMatches": [{"headerName": ":path", "exactMatch": "/"}]}, "is not documented"),
        ({"prefixMatch": "/", "queryParameterMatches": [{"name": "a"}]}, "needs one of exactMatch and presentMatch"),
        ({"pathTemplateMatch": "/{a"}, "cannot be read from '{a' on"),
        ({"pathTemplateMatch": "/*/*/*/*/*/*"}, "at most 5 operators"),
    ],
)
def test_what_is_no_condition_is_refused(rule: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        matches(rule, request())
    assert reason in str(caught.value)


def test_a_rewrite_has_the_named_parts() -> None:
    values = PathTemplate.parse("/{model=*}/{rest=**}").values("/digits/a/b")
    assert values == {"model": "digits", "rest": "a/b"}
    assert rewritten("/v1/{rest}/{model}", values or {}) == "/v1/a/b/digits"


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("one.example.com", "exact"),
        ("ONE.example.com:8003", "exact"),
        ("two.example.com", "near"),
        ("a.b.example.com", "near"),
        ("example.org", "all"),
    ],
)
def test_the_most_specific_host_rule_counts(host: str, found: str) -> None:
    rules = {"*": "all", "*.com": "far", "*.example.com": "near", "one.example.com": "exact"}
    assert host_rule(rules, host) == found
    assert host_rule({"one.example.com": "exact"}, "two.example.com") is None
