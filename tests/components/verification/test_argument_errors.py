"""Every wrong argument of `cost` and `cache.verify` ends with these words."""

from __future__ import annotations

from typing import Any

import pulumi_random as random
import pytest

from components import ArgumentError, KongCachedRoute
from local.engine import EngineError
from tests.components.arguments import minimal_route
from tests.components.trial_stack import TrialStack

DAY = "cost.as_of must be a day such as 2026-11-01"
FIELDS = "must be fields of the answer such as predictions.score (arrays are left out)"
FIELD = "field must be a field of the answer such as predictions.score, or *"
DIFFERENCE = "difference must be a number from 0 to 1e+300"
EITHER = "cost.per_call must be given, or per_instance_hour, and not both"
AS_OF = {"as_of": "2026-11-01"}
LONG = "a" * 129

COST: dict[str, tuple[Any, str]] = {
    "unknown": (
        {"per_call": 1, "currency": "USD", **AS_OF},
        "cost.currency is not an argument; known are as_of, concurrency, per_call, per_instance_hour",
    ),
    "no group": (0.1, "cost must be a group of arguments"),
    "no day": ({"per_call": 1}, "cost.as_of is missing"),
    "neither price": (AS_OF, EITHER),
    "both prices": ({"per_call": 1, "per_instance_hour": 1, **AS_OF}, EITHER),
    "no price": ({"per_call": 0, **AS_OF}, "cost.per_call must be a number from 1e-09 to 1000000"),
    "a price below nothing": ({"per_call": -1, **AS_OF}, "cost.per_call must be a number from 1e-09 to 1000000"),
    "a price in words": ({"per_call": "1", **AS_OF}, "cost.per_call must be a number from 1e-09 to 1000000"),
    "no number": ({"per_call": float("nan"), **AS_OF}, "cost.per_call must be a number from 1e-09 to 1000000"),
    "too dear": (
        {"per_instance_hour": 1_000_001, **AS_OF},
        "cost.per_instance_hour must be a number from 1e-06 to 1000000",
    ),
    "nothing at once": (
        {"per_instance_hour": 1, "concurrency": 0, **AS_OF},
        "cost.concurrency must be a whole number from 1 to 10000",
    ),
    "half a call": (
        {"per_instance_hour": 1, "concurrency": 1.5, **AS_OF},
        "cost.concurrency must be a whole number from 1 to 10000",
    ),
    **{
        f"day {day!r}": ({"per_call": 1, "as_of": day}, DAY)
        for day in ("2026-11-31", "2026-W01-1", "20261101", "2026-11-01T00:00:00Z", "2026-11-01\n", "today", "", 2026)
    },
}
VERIFY: dict[str, tuple[Any, str]] = {
    "unknown": (
        {"ratio": 0.1},
        "cache.verify.ratio is not an argument; known are ignore_fields, max_in_flight, max_mismatch_ratio, "
        "max_per_second, share, tolerances",
    ),
    "no group": (True, "cache.verify must be a group of arguments"),
    "no share": ({"share": 0}, "cache.verify.share must be a number from 0.0001 to 1"),
    "percent": ({"share": 5}, "cache.verify.share must be a number from 0.0001 to 1"),
    "a switch": ({"share": True}, "cache.verify.share must be a number from 0.0001 to 1"),
    "no mismatch": ({"max_mismatch_ratio": 0}, "cache.verify.max_mismatch_ratio must be a number from 0.0001 to 0.5"),
    "most": ({"max_mismatch_ratio": 0.51}, "cache.verify.max_mismatch_ratio must be a number from 0.0001 to 0.5"),
    "no pace": ({"max_per_second": 0}, "cache.verify.max_per_second must be a number from 0.001 to 1000"),
    "pace": ({"max_per_second": 1001}, "cache.verify.max_per_second must be a number from 0.001 to 1000"),
    "no load": ({"max_in_flight": 0}, "cache.verify.max_in_flight must be a whole number from 1 to 10000"),
    "load": ({"max_in_flight": 1.5}, "cache.verify.max_in_flight must be a whole number from 1 to 10000"),
    "no list of tolerances": ({"tolerances": {"score": 1}}, "cache.verify.tolerances must have 0 to 64 fields"),
    "tolerances": (
        {"tolerances": [{"field": "a", "difference": 1}] * 65},
        "cache.verify.tolerances must have 0 to 64 fields",
    ),
    "no group of a tolerance": ({"tolerances": ["score"]}, "cache.verify.tolerances[0] must be a group of arguments"),
    "unknown of a tolerance": (
        {"tolerances": [{"field": "a", "difference": 1, "ratio": 1}]},
        "cache.verify.tolerances[0].ratio is not an argument; known are difference, field",
    ),
    "no field": ({"tolerances": [{"difference": 1}]}, "cache.verify.tolerances[0].field is missing"),
    "no difference": ({"tolerances": [{"field": "a"}]}, "cache.verify.tolerances[0].difference is missing"),
    "below nothing": (
        {"tolerances": [{"field": "a", "difference": 1}, {"field": "b", "difference": -1}]},
        f"cache.verify.tolerances[1].{DIFFERENCE}",
    ),
    "one field twice": (
        {"tolerances": [{"field": "a", "difference": 1}, {"field": "a", "difference": 2}]},
        "cache.verify.tolerances[1].field must be unique; it has another tolerance already",
    ),
    "infinite": (
        {"tolerances": [{"field": "a", "difference": float("inf")}]},
        f"cache.verify.tolerances[0].{DIFFERENCE}",
    ),
    **{
        f"field {field!r}": (
            {"tolerances": [{"field": field, "difference": 1}]},
            f"cache.verify.tolerances[0].{FIELD}",
        )
        for field in ("", "a..b", ".a", "a.", 'a"b', "a\\b", "a\nb", "**.", LONG, ".".join("a" * 17), 7)
    },
    "no list of fields": ({"ignore_fields": "id"}, f"cache.verify.ignore_fields {FIELDS}"),
    "too many fields": ({"ignore_fields": ["id"] * 65}, f"cache.verify.ignore_fields {FIELDS}"),
    "everything": ({"ignore_fields": ["id", "*"]}, f"cache.verify.ignore_fields {FIELDS}"),
    **{
        f"ignored {field!r}": ({"ignore_fields": [field]}, f"cache.verify.ignore_fields {FIELDS}")
        for field in ("", "a..b", "a\n", LONG, 7, None)
    },
}
RIGHT: dict[str, dict[str, Any]] = {
    "the least cost": {"cost": {"per_call": 1e-9, "as_of": "1970-01-01"}},
    "the most": {"cost": {"per_instance_hour": 1_000_000, "concurrency": 10_000, "as_of": "9999-12-31"}},
    "a leap day": {"cost": {"per_call": 1, "as_of": "2028-02-29"}},
    "nothing said": {"cache": {"verify": {}}},
    "the least": {
        "cache": {
            "verify": {"share": 0.0001, "max_mismatch_ratio": 0.0001, "max_per_second": 0.001, "max_in_flight": 1}
        }
    },
    "as much as there is": {
        "cache": {"verify": {"share": 1, "max_mismatch_ratio": 0.5, "max_per_second": 1000, "max_in_flight": 10_000}}
    },
    "fields": {
        "cache": {
            "verify": {
                "tolerances": [{"field": "*", "difference": 0}, {"field": "größe.a b", "difference": 1e300}],
                "ignore_fields": ["id", "**", ".".join("a" * 16), "a" * 128],
            }
        }
    },
    "none": {"cache": {"verify": {"tolerances": [], "ignore_fields": []}}},
}


def message_of(changes: dict[str, Any]) -> str:
    with pytest.raises(ArgumentError) as failure:
        KongCachedRoute("d", minimal_route(**changes))
    return str(failure.value)


@pytest.mark.parametrize(("cost", "words"), COST.values(), ids=list(COST))
def test_a_wrong_cost_is_refused_by_name(cost: Any, words: str) -> None:
    assert message_of({"cost": cost}) == f"KongCachedRoute: {words}"


@pytest.mark.parametrize(("verify", "words"), VERIFY.values(), ids=list(VERIFY))
def test_a_wrong_verification_is_refused_by_name(verify: Any, words: str) -> None:
    assert message_of({"cache": {"verify": verify}}) == f"KongCachedRoute: {words}"


def test_there_is_nothing_to_verify_without_a_cache() -> None:
    words = "KongCachedRoute: cache.verify needs cache.enabled"
    assert message_of({"cache": {"verify": {}, "enabled": False}}) == words


@pytest.mark.parametrize("changes", RIGHT.values(), ids=list(RIGHT))
def test_what_looks_odd_but_is_right_is_taken(stack: TrialStack, changes: dict[str, Any]) -> None:
    stack.up(lambda: KongCachedRoute("d", minimal_route(**changes)))


LATE: list[tuple[str, Any, str]] = [
    ("share", 5, "cache.verify.share must be a number from 0.0001 to 1"),
    ("max_in_flight", 0, "cache.verify.max_in_flight must be a whole number from 1 to 10000"),
    ("ignore_fields", ["id", "*"], f"cache.verify.ignore_fields {FIELDS}"),
    ("per_call", 0, "cost.per_call must be a number from 1e-09 to 1000000"),
    ("as_of", "now", DAY),
]


@pytest.mark.parametrize(("argument", "value", "words"), LATE, ids=[argument for argument, _, _ in LATE])
def test_a_wrong_value_that_is_known_late_is_refused_before_there_is_a_route(
    stack: TrialStack, argument: str, value: Any, words: str
) -> None:
    def program() -> None:
        late: Any = random.RandomString("late", length=8).result.apply(lambda _: value)
        if isinstance(value, list):
            late = [value[0], random.RandomString("later", length=8).result.apply(lambda _: value[1])]
        cost = {"per_call": 1, **AS_OF}
        changes = {"cost": {**cost, argument: late}} if argument in cost else {"cache": {"verify": {argument: late}}}
        KongCachedRoute("d", minimal_route(**changes))

    assert stack.preview(program)
    with pytest.raises(EngineError) as failure:
        stack.up(program)
    assert f"KongCachedRoute: {words}" in str(failure.value)
    assert "route shop-test-digits" not in stack.recorder.entities("create")
