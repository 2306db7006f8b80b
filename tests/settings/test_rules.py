"""Values that do not go together."""

from __future__ import annotations

from typing import Any

import pytest

from tests.settings.support import model, parsed, problems, stack

OPEN = {"access": {"mode": "open"}}


def access(**values: Any) -> dict[str, Any]:
    return stack(model(access=values))


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (stack(model(), model()), 'models[1].name = "digits": must be unique; models[0] has this name too'),
        (
            stack(model(), model(name="iris", route={"path": "/digits/predict"})),
            'models[1].route.path = "/digits/predict": must differ from the path of models[0], '
            "which takes the same hosts; give each its own",
        ),
        (
            stack(
                model(route={"hosts": ["a.b", "c.d"]}),
                model(name="i", route={"path": "/digits/predict", "hosts": ["c.d"]}),
            ),
            'models[1].route.path = "/digits/predict": must differ from the path of models[0], '
            "which takes the same hosts; give each its own",
        ),
        (
            stack(model(cache={"profile": "llm", "excludeFields": ["id", "temperature"]})),
            'models[0].cache.excludeFields[1] = "temperature": temperature is not allowed with profile llm: '
            "it decides whether the answer is one of many",
        ),
        (
            stack(model(cache={"maxBodyBytes": 2000}, access={"maxRequestBytes": 1000})),
            "models[0].access.maxRequestBytes = 1000: must be at least cache.maxBodyBytes (2000)",
        ),
        (
            access(maxRequestBytes=1000),
            "models[0].access.maxRequestBytes = 1000: must be at least cache.maxBodyBytes (65536)",
        ),
        (
            access(credentialHeaders=["authorization"]),
            "models[0].access.credentialHeaders = a list: only with mode upstream-credential (mode is key-auth)",
        ),
        (
            access(mode="upstream-credential", credentialHeaders=[]),
            "models[0].access.credentialHeaders = an empty list: must name at least one header",
        ),
        (
            access(rateLimit={}),
            "models[0].access.rateLimit = a mapping: must have at least one of perSecond, perMinute and perHour",
        ),
        (
            access(rateLimit={"perSecond": 10, "perHour": 5}),
            "models[0].access.rateLimit.perHour = 5: must be at least perSecond (10)",
        ),
        (
            access(cors={"origins": ["*", "https://a.b"]}),
            'models[0].access.cors.origins = a list: "*" must stand alone; it allows any origin',
        ),
        (
            access(mode="upstream-credential", cors={"origins": ["*"]}),
            'models[0].access.cors.origins = a list: "*" is not allowed with mode upstream-credential: '
            "any site could use its visitor's credential",
        ),
        (
            stack(consumers=[{"name": "web"}, {"name": "web"}]),
            'consumers[1].name = "web": must be unique; consumers[0] has this name too',
        ),
        (
            stack(consumers=[{"name": "digits"}]),
            'consumers[0].name = "digits": must differ from the models\' names; models[0] has this name',
        ),
        (
            stack(consumers=[{"name": "web", "models": ["iris"]}]),
            'consumers[0].models[0] = "iris": must be the name of a model of this stack',
        ),
        (
            stack(model(**OPEN), consumers=[{"name": "web", "models": ["digits"]}]),
            'consumers[0].models[0] = "digits": must be a model with access.mode key-auth; models[0] has open',
        ),
    ],
)
def test_refuses_with_these_words(document: dict[str, Any], problem: str) -> None:
    assert problems(document) == [problem]


def test_two_consumers_may_not_share_a_key() -> None:
    consumers = [{"name": name, "key": "k" * 20} for name in ("web", "batch")]
    found = problems(stack(consumers=consumers), secret_sections=frozenset({"consumers"}))
    assert found == ["consumers[1].key = [secret]: must be unique; consumers[0] has this key too"]


@pytest.mark.parametrize(
    "document",
    [
        stack(model(route={"hosts": ["a.b"]}), model(name="i", route={"path": "/digits/predict", "hosts": ["c.d"]})),
        stack(model(cache={"excludeFields": ["temperature"]})),
        stack(model(cache={"enabled": False}, access={"maxRequestBytes": 1000})),
        access(rateLimit={"perSecond": 10, "perMinute": 10, "perHour": 10}),
        access(mode="upstream-credential", credentialHeaders=["x-key"], cors={"origins": ["https://a.b"]}),
        stack(model(), model(name="iris"), consumers=[{"name": "web", "models": ["iris", "digits"]}]),
        stack(consumers=[{"name": "web", "models": None, "key": None}]),
    ],
)
def test_accepts_what_goes_together(document: dict[str, Any]) -> None:
    assert problems(document) == []


def test_a_key_auth_model_gets_a_consumer_and_others_do_not() -> None:
    assert [consumer.name for consumer in parsed(stack()).consumers] == ["default"]
    assert parsed(stack(model(**OPEN))).consumers == ()
    assert parsed(stack(consumers=[])).consumers == ()


def test_consumers_of_a_model_are_those_that_name_it_or_name_none() -> None:
    consumers = [{"name": "all"}, {"name": "one", "models": ["iris"]}]
    settings = parsed(stack(model(), model(name="iris"), model(name="open", **OPEN), consumers=consumers))
    names = {m.name: [consumer.name for consumer in settings.consumers_of(m)] for m in settings.models}
    assert names == {"digits": ["all"], "iris": ["all", "one"], "open": []}
