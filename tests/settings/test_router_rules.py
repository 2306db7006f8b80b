"""What goes together in the router, and with the models, consumers and edge of the stack."""

from __future__ import annotations

from typing import Any

import pytest

from tests.settings.support import model, pool, pooled_model, problems, routed, router_stack, stack

OTHER_SERVER = "http://127.0.0.1:8079/words"
CHAT, WORDS = pooled_model(name="chat"), model(name="words", endpoint=OTHER_SERVER)
KEYED_WORDS = model(name="words", route={"path": "/v1/models"})
OPEN, UPSTREAM = {"mode": "open"}, {"mode": "upstream-credential"}
NO_SAY = "a caller has no say in which of them it gets"
ONE_SERVER = "which have one server and different callers: a body that is not looked into may name either"


def pools_of_one(**others: Any) -> dict[str, Any]:
    """Two models of one pool, and a header that may name either."""
    router = {"paths": ["/v1"], "modelHeader": "x-model"}
    return stack(CHAT, pooled_model({"path": "/gpt"}, name="gpt"), pools=[pool()], router=router, **others)


def with_pool(*names: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A router of these names before chat, which has a pool, and the models words and faces."""
    models = [CHAT, WORDS, model(name="faces")]
    return stack(*models, pools=[pool()], router={"paths": ["/v1"], "models": list(names)}, **others)


def consumer(*models: str) -> list[dict[str, Any]]:
    return [{"name": "web", "models": list(models)}]


BAD: list[tuple[dict[str, Any], str]] = [
    (
        {**router_stack(), "edge": {"provider": "cloudfront", "origin": {"domain": "kong.example.com"}}},
        "router = a mapping: must be left out with edge.provider cloudfront: the router's entry path is not behind an "
        "edge: callers would reach the models past it; give the router a stack of its own",
    ),
    (
        router_stack(modelsPath="/v1/chat/completions"),
        'router.modelsPath = "/v1/chat/completions": must be none of paths; paths[0] is the same',
    ),
    (
        router_stack(paths=["/v1", "/digits/predict"]),
        'router.paths[1] = "/digits/predict": must differ from the paths of the models; '
        "models[0] has this one for itself",
    ),
    (
        router_stack(model(), KEYED_WORDS),
        'router.modelsPath = "/v1/models": must differ from the paths of the models; models[1] has this one for itself',
    ),
    (
        router_stack(models=[routed("digits"), routed("words")]),
        'router.models[1].name = "gpt-x": must be unique; router.models[0] has this name too',
    ),
    (
        router_stack(models=[routed("digist")]),
        'router.models[0].versions[0].model = "digist": must be the name of a model of this stack',
    ),
    (
        router_stack(models=[routed("digits", {"model": "digits", "weight": 1})]),
        'router.models[0].versions[1].model = "digits": must be unique; versions[0] is this model too',
    ),
    (
        router_stack(models=[routed({"model": "digits", "weight": 0}, {"model": "words", "weight": 0})]),
        "router.models[0].versions = a list: must have a weight above 0: no caller would get a version",
    ),
    (
        with_pool(routed("chat", fallback={"model": "gpt"})),
        'router.models[0].fallback.model = "gpt": must be the name of a model of this stack',
    ),
    (
        with_pool(routed("words", "chat", fallback={"model": "chat"})),
        'router.models[0].fallback.model = "chat": must be none of versions; versions[1] is this model',
    ),
    (
        with_pool(routed("words", fallback={"model": "chat"})),
        'router.models[0].fallback.model = "chat": needs a version with a pool: '
        "only of pools it is known whether a replica is healthy",
    ),
    (
        with_pool(routed("words", "faces"), consumers=consumer("words", "chat")),
        'router.models[0].versions[1].model = "faces": must be a model with the callers of words, but consumers[0] may '
        f"call only one of them: {NO_SAY}",
    ),
    (
        with_pool(routed("chat", fallback={"model": "words"}), consumers=consumer("chat")),
        'router.models[0].fallback.model = "words": must be a model with the callers of chat, but consumers[0] may '
        f"call only one of them: {NO_SAY}",
    ),
    (
        router_stack(model(access=OPEN), WORDS, models=[routed("digits", "words")]),
        f'router.models[0].versions[1].model = "words": must be a model with access.mode open, as digits has: {NO_SAY}',
    ),
    (
        router_stack(model(route={"hosts": ["a.b"]}), WORDS, models=[routed("digits", "words")]),
        f'router.models[0].versions[1].model = "words": must be a model with the route.hosts of digits: {NO_SAY}',
    ),
    (
        router_stack(model(), model(name="words", route={"httpsOnly": True}), models=[routed("digits", "words")]),
        f'router.models[0].versions[1].model = "words": must be a model with the route.httpsOnly of digits: {NO_SAY}',
    ),
    (
        router_stack(paths=["/-/x"]),
        'router.paths[0] = "/-/x": may not begin with /-/, where the gateway\'s nodes ask each other',
    ),
    (
        router_stack(model(cache={"keyHeaders": ["x-model"]}), WORDS, modelHeader="x-model"),
        'router.modelHeader = "x-model": must be none of the models\' headers; keyHeaders of models[0] has it',
    ),
    (
        router_stack(model(access={**UPSTREAM, "credentialHeaders": ["x-user"]}), modelHeader="x-user"),
        'router.modelHeader = "x-user": must be none of the models\' headers; credentialHeaders of models[0] has it',
    ),
]


@pytest.mark.parametrize(("document", "message"), BAD, ids=lambda value: value[:60] if isinstance(value, str) else "")
def test_refuses_with_these_words(document: dict[str, Any], message: str) -> None:
    assert problems(document) == [message]


@pytest.mark.parametrize(
    "document",
    [
        router_stack(
            model(access=OPEN), model(name="words", endpoint="http://127.0.0.1:8080/x"), modelHeader="x-model"
        ),
        pools_of_one(consumers=consumer("chat")),
    ],
)
def test_a_header_may_not_name_either_of_two_models_with_one_server(document: dict[str, Any]) -> None:
    told = f'router.modelHeader = "x-model": must be left out with models[0] and models[1], {ONE_SERVER}'
    assert told in problems(document)


@pytest.mark.parametrize(
    "document",
    [
        router_stack(),
        router_stack(model(access=UPSTREAM), WORDS, models=[routed("digits")]),
        router_stack(models=[routed("digits"), routed("digits", name="gpt-y")]),
        with_pool(routed("chat", "words", fallback={"model": "faces", "servedName": "small"})),
        with_pool(routed("words", "faces"), consumers=consumer("words", "faces")),
        with_pool(routed("words", "faces"), consumers=consumer("chat")),
        with_pool(routed("words", "faces", fallback=None), routed("chat", name="gpt-y"), consumers=consumer("chat")),
        pools_of_one(consumers=consumer("chat", "gpt")),
        router_stack(model(access=OPEN), WORDS, modelHeader="x-model", models=[routed("words")]),
    ],
)
def test_accepts_what_goes_together(document: dict[str, Any]) -> None:
    assert problems(document) == []


def test_everything_wrong_with_the_router_is_told_at_once() -> None:
    names = [routed("gpt"), routed("words", {"model": "words", "weight": 0}, fallback={"model": "gpt"})]
    document = with_pool(*names)
    document["router"]["modelsPath"] = "/v1"
    assert [problem.partition(" ")[0] for problem in problems(document)] == [
        "router.modelsPath",
        "router.models[0].versions[0].model",
        "router.models[1].versions[1].model",
        "router.models[1].fallback.model",
        "router.models[1].name",
    ]


def test_a_misspelt_model_does_not_cause_follow_up_errors() -> None:
    document = router_stack(model(name="Digits"), WORDS, models=[routed("digits")])
    assert [problem.partition(" ")[0] for problem in problems(document)] == ["models[0].name"]
