"""What a ModelRouter says about a wrong argument, word by word."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components import ArgumentError
from components.router import ModelRouter
from components.router.checks import check_arguments
from local.engine import EngineError
from tests.components.router.arguments import PATH, full_router, keyed, minimal_router, service, services
from tests.components.trial_stack import TrialStack

EXACT = "path must be an exact path such as /digits/predict: letters, digits and . _ ~ : -"
NAMED = "must be 1 to 128 letters, digits and . _ : / @ -"
HEADER = "model_header must be the name of a header in lower case, such as x-model, that has no other meaning already"
POINTER = (
    "model_pointer must be a JSON pointer (RFC 6901) such as /model, of 1 to 8 names without quotes and backslashes"
)


def one(**more: Any) -> dict[str, Any]:
    """One name, as the argument models."""
    return {"models": [{"name": "a", "versions": [{"model": "alpha"}], **more}]}


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": (
        {"path": "/a"},
        "path is not an argument; known are callers, max_body_bytes, model_header, model_pointer, models, models_path, "
        "paths, services",
    ),
    "no services": ({"services": {}}, "services must name at least one model"),
    "unknown of a service": (
        {"services": {"alpha": {**service("alpha"), "id": 1}}},
        "services alpha id is not an argument; known are route, service_id, upstream",
    ),
    "no paths": ({"paths": []}, "paths must have at least one path"),
    "open path": ({"paths": ["/v1/.*"]}, EXACT),
    "closing slash": ({"paths": ["/v1/"]}, EXACT),
    "nodes' path": ({"paths": ["/-/a"]}, "paths may not begin with /-/, where the gateway's nodes ask each other"),
    "path twice": ({"paths": ["/a", "/b", "/a"]}, "paths has /a twice, or it is models_path, too"),
    "path is the models'": ({"paths": ["/v1/models"]}, "paths has /v1/models twice, or it is models_path, too"),
    "models_path": ({"models_path": "models"}, EXACT),
    "no bytes": ({"max_body_bytes": 0}, "max_body_bytes must be a whole number from 1 to 1048576"),
    "half a byte": ({"max_body_bytes": 1.5}, "max_body_bytes must be a whole number from 1 to 1048576"),
    "too many bytes": ({"max_body_bytes": 1_048_577}, "max_body_bytes must be a whole number from 1 to 1048576"),
    "whole document": ({"model_pointer": ""}, POINTER),
    "relative pointer": ({"model_pointer": "model"}, POINTER),
    "bad escape": ({"model_pointer": "/a~2"}, POINTER),
    "lone tilde": ({"model_pointer": "/a~"}, POINTER),
    "quote": ({"model_pointer": '/a"'}, POINTER),
    "backslash": ({"model_pointer": "/a\\u0062"}, POINTER),
    "no names": ({"models": []}, "models must have at least one name, or be left out"),
    "no name": ({"models": [{"versions": [{"model": "alpha"}]}]}, f"models[].name {NAMED}"),
    "name with a quote": (one(name='a"'), f"models[].name {NAMED}"),
    "long name": (one(name="a" * 129), f"models[].name {NAMED}"),
    "name twice": ({"models": one()["models"] * 2}, "models has a twice"),
    "unknown of a name": (one(version=1), "models a version is not an argument; known are fallback, name, versions"),
    "no versions": (one(versions=[]), "models a versions must have at least one model"),
    "unknown of a version": (
        one(versions=[{"model": "alpha", "share": 1}]),
        "models a versions[].share is not an argument; known are model, served_name, weight",
    ),
    "unknown model": (one(versions=[{"model": "gamma"}]), "models a names gamma, which is no model"),
    "missing model": (one(versions=[{}]), "models a names None, which is no model"),
    "model twice": (
        one(versions=[{"model": "alpha"}, {"model": "alpha", "served_name": "b"}]),
        "models a versions has alpha twice",
    ),
    "weight": (
        one(versions=[{"model": "alpha", "weight": -1}]),
        "models a versions[].weight must be a whole number from 0 to 65535",
    ),
    "true as a weight": (
        one(versions=[{"model": "alpha", "weight": True}]),
        "models a versions[].weight must be a whole number from 0 to 65535",
    ),
    "no weight": (
        one(versions=[{"model": "alpha", "weight": 0}, {"model": "beta", "weight": 0}]),
        "models a versions must have one with a weight over 0",
    ),
    "served name": (one(versions=[{"model": "alpha", "served_name": "a b"}]), f"models a served_name {NAMED}"),
    "unknown of a fallback": (
        one(fallback={"model": "beta", "weight": 1}),
        "models a fallback.weight is not an argument; known are model, served_name",
    ),
    "unknown fallback": (one(fallback={"model": "gamma"}), "models a names gamma, which is no model"),
    "fallback to itself": (one(fallback={"model": "alpha"}), "models a fallback must be none of the versions"),
    "fallback without a pool": (
        one(fallback={"model": "beta"}),
        "models a fallback needs a version with a pool: of other models the gateway does not know whether they are up",
    ),
    "header in upper case": ({"model_header": "X-Model"}, HEADER),
    "header with an underscore": ({"model_header": "x_model"}, HEADER),
    "empty header": ({"model_header": ""}, HEADER),
    "internal header": ({"model_header": "xpredictionmodel"}, HEADER),
    "key's header": ({"model_header": "xpredictionkey"}, HEADER),
    "credential": ({"model_header": "authorization"}, HEADER),
    "keyed by SageMaker": ({"model_header": "x-amzn-sagemaker-target-model"}, HEADER),
    "framing": ({"model_header": "content-length"}, HEADER),
    "host": ({"model_header": "host"}, HEADER),
    "keyed by a model": (
        {"model_header": "x-tenant", "services": services(service("alpha", cache={"key_headers": ["X-Tenant"]}))},
        HEADER,
    ),
    "a model's credential": (
        {
            "model_header": "x-token",
            "services": services(
                service("alpha", access={"mode": "upstream-credential", "credential_headers": ["x-token"]})
            ),
        },
        HEADER,
    ),
    "versions of other access": (
        {
            "services": services(service("alpha"), keyed("beta")),
            **one(versions=[{"model": "alpha"}, {"model": "beta"}]),
        },
        "models a has alpha and beta, which have different callers",
    ),
    "versions of other callers": (
        {
            "services": services(keyed("alpha"), keyed("beta")),
            "callers": {"web": ["alpha", "beta"], "batch": ["beta"]},
            **one(versions=[{"model": "alpha"}, {"model": "beta"}]),
        },
        "models a has alpha and beta, which have different callers",
    ),
    "fallback of other callers": (
        {
            "services": services(keyed("alpha", upstream="p"), service("beta")),
            **one(fallback={"model": "beta"}),
        },
        "models a has alpha and beta, which have different callers",
    ),
    "versions of other hosts": (
        {
            "services": services(service("alpha", hosts=["a.test"]), service("beta")),
            **one(versions=[{"model": "alpha"}, {"model": "beta"}]),
        },
        "models a has alpha and beta, whose hosts differ",
    ),
    "versions of other protocols": (
        {
            "services": services(service("alpha", https_only=True), service("beta")),
            **one(versions=[{"model": "alpha"}, {"model": "beta"}]),
        },
        "models a has alpha and beta, whose https_only differ",
    ),
}
DIFFERENT = (
    "model_header cannot be used with alpha and beta, which have one server and different callers: a body that is not "
    "looked into may name either"
)
SERVICES: dict[str, tuple[dict[str, Any], str]] = {
    "a model's path": ({"paths": ["/alpha/predict"]}, "paths has /alpha/predict, the path of the model alpha"),
    "a model's given path": (
        {"services": services(service("alpha", path=PATH))},
        f"paths has {PATH}, the path of the model alpha",
    ),
    "the list's path": (
        {"services": services(service("alpha", path="/v1/models"))},
        "paths has /v1/models, the path of the model alpha",
    ),
    "a model's late path": (
        {"services": services(service("alpha", path=pulumi.Output.from_input(PATH)))},
        f"paths has {PATH}, the path of the model alpha",
    ),
    "one pool of different callers": (
        {
            "model_header": "x-model",
            "callers": {"web": ["alpha"]},
            "services": services(keyed("alpha", upstream="p"), keyed("beta", upstream="p")),
        },
        DIFFERENT,
    ),
    "one server of different callers": (
        {
            "model_header": "x-model",
            "services": services(
                keyed("alpha", endpoint="http://one.test:80/a"), service("beta", endpoint="http://one.test:80/b")
            ),
        },
        DIFFERENT,
    ),
    "one pool of callers that nobody told": (
        {
            "model_header": "x-model",
            "services": services(keyed("alpha", upstream="p"), keyed("beta", upstream="p")),
        },
        DIFFERENT,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_argument_of_a_router(stack: TrialStack, name: str) -> None:
    changes, message = CASES[name]
    with pytest.raises(ArgumentError) as caught:
        check_arguments(minimal_router(**changes))
    assert str(caught.value) == f"ModelRouter: {message}"


@pytest.mark.parametrize("name", SERVICES)
def test_wrong_services_of_a_router(stack: TrialStack, name: str) -> None:
    changes, message = SERVICES[name]
    with pytest.raises(EngineError) as caught:
        stack.preview(lambda: ModelRouter("r", minimal_router(**changes)))
    assert f"ModelRouter: {message}" in str(caught.value)


def test_a_wrong_argument_stops_before_anything_is_made(stack: TrialStack) -> None:
    with pytest.raises(EngineError, match="ModelRouter: paths must have at least one path"):
        stack.up(lambda: ModelRouter("r", minimal_router(paths=[])))
    assert not stack.recorder.calls


@pytest.mark.parametrize(
    "changes",
    [
        {"model_pointer": "/a~0b/c~1d/0/ü"},
        {"model_header": "x-model"},
        {
            "model_header": "x-model",
            "callers": {"web": ["alpha", "beta"], "batch": []},
            "services": services(keyed("alpha", upstream="p"), keyed("beta", upstream="p")),
        },
        {
            "model_header": "x-model",
            "callers": {"web": ["alpha"]},
            "services": services(keyed("alpha", upstream="p"), keyed("beta", upstream="q")),
        },
        {
            "services": services(keyed("alpha"), keyed("beta")),
            **one(versions=[{"model": "alpha"}, {"model": "beta"}]),
        },
        {
            "services": services(keyed("alpha", hosts=["a.test"]), service("beta")),
            "models": [
                {"name": "a", "versions": [{"model": "alpha"}]},
                {"name": "b", "versions": [{"model": "beta"}]},
            ],
        },
    ],
    ids=["pointer", "header", "one pool, same callers", "different pools", "callers nobody told", "names apart"],
)
def test_what_is_right_is_taken(stack: TrialStack, changes: dict[str, Any]) -> None:
    assert len(stack.preview(lambda: ModelRouter("r", minimal_router(**changes)))) > 5


def test_everything_at_once_is_taken(stack: TrialStack) -> None:
    assert len(stack.preview(lambda: ModelRouter("r", full_router()))) > 5
