"""Every rule: what passes, what fails with which message, what is unknown, what a config changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from policies.rules import RULES
from tests.policies.cases import (
    api_gateway,
    cloudfront,
    cloudfront_connections,
    google,
    kong,
    kong_pools,
    kong_routes,
    shared_cache,
    stack,
)
from tests.policies.cases.case import Case
from tests.policies.resources import UNKNOWN, violations

_THEMES = (kong, kong_routes, kong_pools, cloudfront, cloudfront_connections, api_gateway, google, shared_cache, stack)
CASES: list[Case] = [case for theme in _THEMES for case in theme.CASES]
_RULES = {rule.name: rule for rule in RULES}
# Texts of inputs that a message may hold, because they are names of the provider's own.
_OWN_WORDS = {
    "redirect-to-https",
    "text/event-stream",
    "Authorization",
    "POST",
    "GET",
    "PUT",
    "TLSv1",
    "TLSv1.1",
    "TLSv1.1_2016",
    "TLS_1_0",
    "COMPATIBLE",
    "clear",
}
_each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)


def test_every_rule_has_its_case() -> None:
    assert sorted(case.rule for case in CASES) == sorted(_RULES)
    assert len(RULES) == len(_RULES) > 40


def test_every_rule_is_described() -> None:
    for rule in RULES:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
        assert rule.severity and rule.config_schema
        assert re.fullmatch(r"[A-Z].*\.", rule.description)
        assert re.fullmatch(r"[a-z].*[^.]", rule.remediation_steps or "")


@_each
def test_what_complies_passes(case: Case) -> None:
    assert case.passes
    for resources in case.passes:
        assert violations(_RULES[case.rule], resources) == []


@_each
def test_what_does_not_comply_fails_with_a_sentence_about_the_resource(case: Case) -> None:
    rule = _RULES[case.rule]
    assert case.fails
    for resources, problem in case.fails:
        found = violations(rule, resources)
        names = "|".join(re.escape(resource.name) for resource in resources)
        wanted = re.compile(rf"[A-Z]\w+ '({names})' {re.escape(problem)}; {re.escape(rule.remediation_steps or '')}\.")
        assert any(wanted.fullmatch(message) for message in found), found


@_each
def test_what_is_not_known_yet_is_not_judged(case: Case) -> None:
    assert case.unknown
    for resources in case.unknown:
        assert UNKNOWN in json.dumps([(resource.props, resource.provider) for resource in resources])
        assert violations(_RULES[case.rule], resources) == []


@_each
def test_a_config_changes_the_verdict(case: Case) -> None:
    rule = _RULES[case.rule]
    assert rule.config_schema
    own = set(rule.config_schema.properties) - {"exceptions"}
    assert own == {name for configured in case.configured for name in configured.config}
    for configured in case.configured:
        assert bool(violations(rule, configured.resources, configured.config)) == configured.fails


@_each
def test_a_resource_can_be_excepted_by_name_and_by_urn(case: Case) -> None:
    rule = _RULES[case.rule]
    resources, _ = case.fails[0]
    assert violations(rule, resources, {"exceptions": ["other"]})
    assert violations(rule, resources, {"exceptions": [resource.name for resource in resources]}) == []
    assert violations(rule, resources, {"exceptions": [resource.urn for resource in resources]}) == []
    assert violations(rule, resources, {"exceptions": ["*"]}) == []


@_each
def test_no_message_holds_a_text_of_an_input(case: Case) -> None:
    for resources, _ in case.fails:
        said = "\n".join(
            message.partition("' ")[2].partition(";")[0] for message in violations(_RULES[case.rule], resources)
        )
        for resource in resources:
            for text in _texts(resource.props):
                assert text in _OWN_WORDS or not re.search(rf"(?<![\w-]){re.escape(text)}(?![\w-])", said), (text, said)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        try:
            yield from _texts(json.loads(value)) if value[:1] in "[{" else iter((value,))
        except ValueError:
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
