"""Each value of a model's `cost` and `cache.verify` by itself, and as the component gets it."""

from __future__ import annotations

import datetime
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.gateway.checks import check_arguments
from components.metrics.arguments import CostArgs
from components.verification.arguments import VERIFY, ToleranceArgs, VerifyArgs
from settings import parse_settings
from settings.arguments import edge_arguments
from settings.cost_models import CostSettings
from settings.verify_models import ToleranceSettings, VerifySettings
from tests.settings.strategies import COST
from tests.settings.strategies import VERIFY as VERIFY_SECTIONS
from tests.settings.support import model, parsed, problems, stack
from tests.settings.test_values import at

AS_OF = {"asOf": "2026-11-01"}
DAY = "must be a day such as 2026-11-01"
FIELD = "must be a field of the answer such as predictions.score (arrays are left out), or *"
IGNORED = "must be a field of the answer such as predictions.id (arrays are left out)"
SHARE = "must be a number from 0.0001 to 1 (of the hits)"
RATIO = "must be a number from 0.0001 to 0.5 (of the comparisons)"
PACE = "must be a number from 0.001 to 1000 (a second)"
LOAD = "must be a whole number from 1 to 10000 (requests)"
AT_ONCE = "must be a whole number from 1 to 10000 (calls)"
DIFFERENCE = "must be a number from 0 to"

VERIFY_ACCEPTED: list[tuple[str, Any]] = [
    ("cost", None),
    ("cost", {"perCall": 0.000_000_001, **AS_OF}),
    ("cost", {"perCall": 1_000_000, "currency": "EUR", "asOf": "1970-01-01"}),
    ("cost", {"perInstanceHour": 0.000_001, "concurrency": 10_000, "asOf": "2028-02-29"}),
    ("cost", {"perInstanceHour": 1_000_000, "concurrency": 1.0, **AS_OF}),
    ("cost", {"perCall": 1, "concurrency": 1, **AS_OF}),
    ("cost", {"perCall": 1, "asOf": "2026-11-01T00:00:00Z"}),  # as Pulumi hands an unquoted day over
    ("cache.verify", None),
    ("cache.verify", {}),
    ("cache.verify.share", 0.0001),
    ("cache.verify.share", 1),
    ("cache.verify.maxMismatchRatio", 0.0001),
    ("cache.verify.maxMismatchRatio", 0.5),
    ("cache.verify.maxPerSecond", 0.001),
    ("cache.verify.maxPerSecond", 1_000),
    ("cache.verify.maxInFlight", 1),
    ("cache.verify.maxInFlight", 10_000),
    ("cache.verify.tolerances", []),
    ("cache.verify.tolerances", [{"field": "*", "difference": 0}, {"field": "predictions.score", "difference": 1e300}]),
    ("cache.verify.tolerances", [{"field": f"f{number}", "difference": 1e-9} for number in range(64)]),
    ("cache.verify.ignoreFields", []),
    ("cache.verify.ignoreFields", ["id", "größe.a b", "**", ".".join("a" * 16), "a" * 128]),
]
VERIFY_REFUSED: list[tuple[str, Any, str]] = [
    ("cost", 0.1, "must be a mapping"),
    ("cost", {"perCall": 1}, f"cost.asOf: required but missing; {DAY}"),
    ("cost", {"perCall": 0, **AS_OF}, "must be a number from 1e-09 to"),
    ("cost", {"perCall": "1", **AS_OF}, "must be a number from 1e-09 to"),
    ("cost", {"perCall": 1_000_001, **AS_OF}, "must be a number from 1e-09 to"),
    ("cost", {"perInstanceHour": 0, **AS_OF}, "must be a number from 1e-06 to"),
    ("cost", {"perInstanceHour": 1, "concurrency": 0, **AS_OF}, AT_ONCE),
    ("cost", {"perInstanceHour": 1, "concurrency": 1.5, **AS_OF}, AT_ONCE),
    ("cost", {"perCall": 1, "currency": "usd", **AS_OF}, "must be a currency's code such as USD (ISO 4217)"),
    ("cost", {"perCall": 1, "currency": "€", **AS_OF}, "must be a currency's code such as USD (ISO 4217)"),
    ("cost", {"perCall": 1, "asOf": "20261101"}, DAY),
    ("cost", {"perCall": 1, "asOf": "2026-W01-1"}, DAY),
    ("cost", {"perCall": 1, "asOf": "today"}, DAY),
    ("cost", {"perCall": 1, "asOf": "２０２６-11-01"}, DAY),
    ("cost", {"perCall": 1, "asOf": 20261101}, DAY),
    ("cost", {"per_call": 1, **AS_OF}, "cost.per_call: unknown key; did you mean perCall?"),
    ("cache.verify", True, "must be a mapping"),
    ("cache.verify", {"ratio": 1}, "cache.verify.ratio: unknown key; allowed are share, maxMismatchRatio"),
    ("cache.verify.share", 0, SHARE),
    ("cache.verify.share", 5, SHARE),
    ("cache.verify.share", True, SHARE),
    ("cache.verify.share", "1%", SHARE),
    ("cache.verify.maxMismatchRatio", 0, RATIO),
    ("cache.verify.maxMismatchRatio", 0.51, RATIO),
    ("cache.verify.maxPerSecond", 0, PACE),
    ("cache.verify.maxPerSecond", 1_001, PACE),
    ("cache.verify.maxInFlight", 0, LOAD),
    ("cache.verify.maxInFlight", 1.5, LOAD),
    ("cache.verify.tolerances", None, "must be a list of 0 to 64 fields"),
    ("cache.verify.tolerances", {"score": 1}, "must be a list of 0 to 64 fields"),
    ("cache.verify.tolerances", [{"field": f"f{n}", "difference": 1} for n in range(65)], "must be a list of 0 to 64"),
    ("cache.verify.tolerances", ["score"], "tolerances[0] = "),
    ("cache.verify.tolerances", [{"field": "a"}], "tolerances[0].difference: required but missing; must be a number"),
    ("cache.verify.tolerances", [{"difference": 1}], f"tolerances[0].field: required but missing; {FIELD}"),
    ("cache.verify.tolerances", [{"field": "a", "difference": -1}], DIFFERENCE),
    ("cache.verify.tolerances", [{"field": "a", "difference": "1"}], DIFFERENCE),
    ("cache.verify.tolerances", [{"field": "a", "difference": 1, "by": 1}], "tolerances[0].by: unknown key"),
    *(
        ("cache.verify.tolerances", [{"field": field, "difference": 1}], FIELD)
        for field in ("", ".", "a..b", ".a", "a.", 'a"b', "a\\b", "a\nb", "a" * 129, ".".join("a" * 17), 7)
    ),
    ("cache.verify.ignoreFields", "id", "must be a list of 0 to 64 fields"),
    ("cache.verify.ignoreFields", ["id", "id"], "must be a list of 0 to 64 fields, each once"),
    ("cache.verify.ignoreFields", ["a..b"], IGNORED),
    ("cache.verify.ignoreFields", ["*"], "* is not allowed here: it would compare nothing"),
]
AT = "models[0]."
BAD: list[tuple[dict[str, Any], str]] = [
    ({"cost": AS_OF}, f"{AT}cost = a mapping: must have either perCall or perInstanceHour"),
    (
        {"cost": {"perCall": 1, "perInstanceHour": 1, **AS_OF}},
        f"{AT}cost = a mapping: must have either perCall or perInstanceHour",
    ),
    ({"cost": {"perCall": 1, "concurrency": 2, **AS_OF}}, f"{AT}cost.concurrency = 2: only with perInstanceHour"),
    ({"cost": {"perCall": 1, "asOf": "2026-02-29"}}, f'{AT}cost.asOf = "2026-02-29": {DAY}'),
    ({"cost": {"perCall": 1, "asOf": "1969-12-31"}}, f'{AT}cost.asOf = "1969-12-31": {DAY}'),
    (
        {"cache": {"enabled": False, "verify": {}}},
        f"{AT}cache.verify = a mapping: needs cache.enabled: there are no hits without",
    ),
    (
        {"cache": {"verify": {"tolerances": [{"field": "a", "difference": 1}, {"field": "a", "difference": 2}]}}},
        f'{AT}cache.verify.tolerances[1].field = "a": must be unique; tolerances[0] has this field too',
    ),
]


@pytest.mark.parametrize(("path", "value"), VERIFY_ACCEPTED)
def test_accepts(path: str, value: Any) -> None:
    assert problems(at(path, value)) == []


@pytest.mark.parametrize(("path", "value", "message"), VERIFY_REFUSED)
def test_refuses(path: str, value: Any, message: str) -> None:
    (problem,) = problems(at(path, value))
    assert problem.startswith(f"models[0].{path}")
    assert message in problem


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_refuses_what_does_not_go_together(changes: dict[str, Any], message: str) -> None:
    assert problems(stack(model(**changes))) == [message]


@pytest.mark.parametrize(("path", "value"), VERIFY_ACCEPTED)
def test_the_component_accepts_every_accepted_value(path: str, value: Any) -> None:
    (route,) = arguments(at(path, value))
    check_arguments(route)


@hypothesis.settings(max_examples=200, deadline=None)
@given(COST | st.none(), VERIFY_SECTIONS | st.none())
def test_the_component_accepts_whatever_the_settings_accept(cost: Any, verify: Any) -> None:
    (route,) = arguments(stack(model(cost=cost, cache={"verify": verify})))
    check_arguments(route)


def arguments(document: dict[str, Any]) -> list[Any]:
    return [*edge_arguments(parse_settings(document))["models"]]


def test_nothing_is_verified_and_no_price_is_known_unless_a_stack_says_so() -> None:
    (found,) = parsed(stack()).models
    assert (found.cost, found.cache.verify) == (None, None)
    (route,) = arguments(stack())
    assert "cost" not in route and "verify" not in route["cache"]


def test_a_section_without_a_key_has_the_components_defaults() -> None:
    (found,) = parsed(at("cache.verify", {})).models
    assert found.cache.verify is not None
    assert {name: getattr(found.cache.verify, name) or [] for name in VERIFY} == VERIFY
    numbers = {name: VERIFY[name] for name in ("share", "max_mismatch_ratio", "max_per_second", "max_in_flight")}
    assert arguments(at("cache.verify", {}))[0]["cache"]["verify"] == numbers


def test_every_key_becomes_its_argument() -> None:
    verify = {
        "share": 0.5,
        "maxMismatchRatio": 0.02,
        "maxPerSecond": 0.5,
        "maxInFlight": 3,
        "tolerances": [{"field": "predictions.score", "difference": 0.001}],
        "ignoreFields": ["id", "created"],
    }
    cost = {"perInstanceHour": 1.8, "concurrency": 4, "currency": "EUR", "asOf": "2026-11-01T00:00:00Z"}
    document = stack(model(cache={"verify": verify}, cost=cost))
    (route,) = arguments(document)
    assert route["cost"] == {"per_instance_hour": 1.8, "concurrency": 4, "as_of": "2026-11-01"}
    assert route["cache"]["verify"] == {
        "share": 0.5,
        "max_mismatch_ratio": 0.02,
        "max_per_second": 0.5,
        "max_in_flight": 3,
        "tolerances": [{"field": "predictions.score", "difference": 0.001}],
        "ignore_fields": ["id", "created"],
    }
    (found,) = parsed(document).models
    assert found.cost is not None
    assert (found.cost.currency, found.cost.as_of) == ("EUR", datetime.date(2026, 11, 1))


@pytest.mark.parametrize(
    ("section", "component", "only_here"),
    [
        (CostSettings, CostArgs, {"currency"}),  # a name for people
        (VerifySettings, VerifyArgs, set()),
        (ToleranceSettings, ToleranceArgs, set()),
    ],
)
def test_a_section_has_the_keys_of_the_components_arguments(section: Any, component: Any, only_here: set[str]) -> None:
    assert set(section.model_fields) - only_here == set(component.__annotations__)
