"""Wrong inputs are caught: all that can be made from the registered ones, and those known to pass one model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.aws_models.checks import CHECKS, is_caught
from tests.aws_models.explained import EXPLAINED
from tests.aws_models.mutants import Mutant, mutants
from tests.aws_models.registered import Inputs, Registered, changed

_LEAST_MUTANTS = 1_000
_TYPE_FAULTS = ("a list", "an object", "a map", "a boolean", "a number", "a text")


@pytest.fixture(scope="module")
def wrong(registered: list[Registered]) -> list[Mutant]:
    return list(mutants(registered))


@pytest.fixture(scope="module")
def distribution(registered_by_program: dict[str, list[Registered]]) -> Inputs:
    everything = registered_by_program["edge_in_other_ways"]
    return next(resource.inputs for resource in everything if resource.type.endswith(":Distribution"))


def test_every_mutant_is_caught_or_explained(wrong: list[Mutant]) -> None:
    escaped = {str(mutant) for mutant in wrong if not is_caught(mutant.kind, mutant.inputs)}
    assert escaped == set(EXPLAINED)


def test_mutants_are_made_of_every_type_and_fault(wrong: list[Mutant], registered: list[Registered]) -> None:
    assert len(wrong) == len({str(mutant) for mutant in wrong}) > _LEAST_MUTANTS
    assert {mutant.kind for mutant in wrong} == {resource.type for resource in registered}
    assert {mutant.fault for mutant in wrong} == {
        *(f"not {kind}" for kind in _TYPE_FAULTS),
        *("missing", "unknown input", "wrong name", "wrong text", "too long", "too many elements"),
        *("below the range", "above the range"),
    }
    assert all(mutant.inputs != mutant.original for mutant in wrong)


@pytest.mark.parametrize("name", CHECKS)
def test_no_check_is_needless(name: str, wrong: list[Mutant]) -> None:
    others = [check for other, check in CHECKS.items() if other != name]
    assert any(
        not any(check(mutant.kind, mutant.inputs) for check in others) and CHECKS[name](mutant.kind, mutant.inputs)
        for mutant in wrong
    )


def _set(path: str, value: Any) -> Callable[[Inputs], Inputs]:
    return lambda inputs: changed(inputs, path, lambda holder, name: holder.__setitem__(name, value))


_ONLY_THE_LIMITS = {
    "connection attempts": _set("origins.connectionAttempts", 5),
    "connection timeout": _set("origins.connectionTimeout", 11),
    "read timeout": _set("origins.customOriginConfig.originReadTimeout", 181),
    "GET with POST alone": _set("defaultCacheBehavior.allowedMethods", ["GET", "HEAD", "POST"]),
    "POST cached": _set("orderedCacheBehaviors.cachedMethods", ["GET", "HEAD", "POST"]),
    "forbidden custom header": _set("origins.customHeaders.name", "X-Amz-Secret"),
    "eleven custom headers": _set("origins.customHeaders", [{"name": f"x-{n}", "value": "v"} for n in range(11)]),
    "custom header twice": _set("origins.customHeaders", [{"name": name, "value": "v"} for name in ("x-a", "X-A")]),
    "origin TLS 1.1": _set("origins.customOriginConfig.originSslProtocols", ["TLSv1.1", "TLSv1.2"]),
    "whatever protocol the viewer has": _set("origins.customOriginConfig.originProtocolPolicy", "match-viewer"),
    "completion before read": _set("origins.responseCompletionTimeout", 1),
    "comment of 129 characters": _set("comment", "x" * 129),
    "continuous deployment with HTTP/3": _set("httpVersion", "http2and3"),
    "certificate of another region": _set(
        "viewerCertificate.acmCertificateArn", "arn:aws:acm:eu-west-1:000000000000:certificate/1"
    ),
    "TLS 1.0 for viewers": _set("viewerCertificate.minimumProtocolVersion", "TLSv1"),
    "own certificate missing": _set("viewerCertificate", {"cloudfrontDefaultCertificate": True}),
    "regional firewall": _set("webAclId", "arn:aws:wafv2:eu-west-1:000000000000:regional/webacl/a/b"),
    "unknown origin": _set("defaultCacheBehavior.targetOriginId", "other"),
    "two functions at once": _set(
        "defaultCacheBehavior.functionAssociations",
        [
            {"eventType": "viewer-request", "functionArn": f"arn:aws:cloudfront::000000000000:function/{n}"}
            for n in "ab"
        ],
    ),
    "legacy lifetimes": lambda inputs: {
        **inputs,
        "defaultCacheBehavior": {**inputs["defaultCacheBehavior"], "forwardedValues": {}},
    },
    "two errors for one code": lambda inputs: {
        **inputs,
        "customErrorResponses": [{"errorCode": 404, "errorCachingMinTtl": seconds} for seconds in (0, 1)],
    },
    "countries without restriction": _set("restrictions.geoRestriction.restrictionType", "none"),
}


@pytest.mark.parametrize("name", _ONLY_THE_LIMITS)
def test_the_limits_catch_what_the_models_of_a_distribution_pass(name: str, distribution: Inputs) -> None:
    wrong = _ONLY_THE_LIMITS[name](distribution)
    assert wrong != distribution
    assert CHECKS["limits"]("aws:cloudfront/distribution:Distribution", wrong)


def test_the_models_are_as_loose_as_the_limits_are_needed_for(distribution: Inputs) -> None:
    for name in ("connection attempts", "GET with POST alone"):
        wrong = _ONLY_THE_LIMITS[name](distribution)
        for check in ("API", "CloudFormation"):
            assert CHECKS[check]("aws:cloudfront/distribution:Distribution", wrong) == []
