"""What goes together in a pool, and with the models that it answers for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.settings.support import (
    MODEL,
    TARGET,
    model,
    pool,
    pool_stack,
    pooled_model,
    problems,
    sagemaker_model,
    shared_model,
    stack,
)

DISCOVERY = {"name": "replicas.internal", "port": 8000}
SAME_REPLICAS = (
    "must be another pool or have another path: the same replicas serve models[0] on the same path "
    "for other callers, and a request to one could name the other in its body"
)
SAME = [{"address": "Model:8080"}, {"address": "model:8080"}]

BAD: list[tuple[dict[str, Any], str]] = [
    (
        pool_stack(targets=None),
        "pools[0].targets: required but missing; must be a list of replicas, or give discovery instead",
    ),
    (
        pool_stack(discovery=DISCOVERY, targets=[TARGET]),
        "pools[0].targets = a list: must be left out with discovery: its DNS name says which replicas there are",
    ),
    (
        pool_stack(targets=[{"address": "a:1", "weight": 0}, {"address": "b:1", "weight": 0}]),
        "pools[0].targets = a list: must have a weight above 0: nobody would answer",
    ),
    (
        pool_stack(targets=SAME),
        'pools[0].targets[1].address = "model:8080": must be unique in the pool; targets[0] has this address too',
    ),
    (
        pool_stack(targets=[{"address": "[::1]:80"}, {"address": "[0:0:0:0:0:0:0:1]:80"}]),
        'pools[0].targets[1].address = "[0:0:0:0:0:0:0:1]:80": must be unique in the pool; '
        "targets[0] has this address too",
    ),
    (
        pool_stack(affinity={}, algorithm="round-robin"),
        'pools[0].algorithm = "round-robin": must be consistent-hashing with affinity: '
        "no other sends what has something in common to one replica",
    ),
    (
        pool_stack(algorithm="consistent-hashing"),
        'pools[0].algorithm = "consistent-hashing": needs affinity, which says what requests of one replica '
        "have in common",
    ),
    (
        pool_stack(affinity={"by": "session", "messages": 3}),
        "pools[0].affinity.messages = 3: only with by prompt (by is session)",
    ),
    (
        pool_stack(affinity={"by": "key", "characters": 3}),
        "pools[0].affinity.characters = 3: only with by prompt (by is key)",
    ),
    (
        pool_stack(affinity={"header": "x-user"}),
        'pools[0].affinity.header = "x-user": only with by session (by is prompt)',
    ),
    (
        stack(pooled_model(), pools=[pool(), pool(name="words")]),
        'pools[1].name = "words": must be the pool of a model: nobody would ask it',
    ),
    (
        stack(pooled_model(), pools=[pool(), pool()]),
        'pools[1].name = "chat": must be unique; pools[0] has this name too',
    ),
    (
        pool_stack(pooled_model(), pooled_model({"name": "caht"}, name="words")),
        'models[1].pool.name = "caht": must be the name of a pool of this stack',
    ),
    (
        stack(pooled_model()),
        'models[0].pool.name = "chat": must be the name of a pool of this stack',
    ),
    (
        pool_stack(pooled_model(endpoint="http://model/x")),
        'models[0].endpoint = "http://model/x": must be left out with pool: a request goes to one of the two',
    ),
    (
        pool_stack(pooled_model(), sagemaker_model(name="words", pool={"name": "chat"})),
        "models[1].pool = a mapping: must be left out with sagemaker: a request goes to one of the two",
    ),
    (
        stack({key: value for key, value in MODEL.items() if key != "endpoint"}),
        "models[0].endpoint: required but missing; must be http:// or https://, a host, and optionally a port and a "
        "path; no user, password, query or fragment, or give sagemaker or pool instead",
    ),
    (
        pool_stack({key: value for key, value in pooled_model().items() if key != "version"}),
        "models[0].version: required but missing; must be 1 to 128 printable ASCII characters",
    ),
    (
        pool_stack(pooled_model(), pooled_model(name="words", access={"mode": "open"})),
        f"models[1].pool = a mapping: {SAME_REPLICAS}",
    ),
    (
        pool_stack(pooled_model(), pooled_model(name="words")) | {"consumers": [{"name": "web", "models": ["words"]}]},
        f"models[1].pool = a mapping: {SAME_REPLICAS}",
    ),
    (
        stack(sagemaker_model(timeouts={"streamSeconds": 28})),
        "models[0].timeouts.streamSeconds = 28.0: must be at least sagemaker.timeoutSeconds (29): "
        "Kong would give up while the model still works, and its answer would be lost",
    ),
]


@pytest.mark.parametrize(("document", "message"), BAD, ids=lambda value: value[:60] if isinstance(value, str) else "")
def test_refuses_with_these_words(document: dict[str, Any], message: str) -> None:
    assert problems(document) == [message]


@pytest.mark.parametrize(
    "document",
    [
        pool_stack(),
        pool_stack(discovery=DISCOVERY),
        pool_stack(targets=[{"address": "a:1", "weight": 0}, {"address": "b:1"}]),
        pool_stack(pooled_model(), pooled_model(name="words"), model(name="faces")),
        pool_stack(pooled_model(), pooled_model({"path": "/words"}, name="words", access={"mode": "open"})),
        pool_stack(affinity={}, algorithm="consistent-hashing"),
        pool_stack(affinity={"by": "key", "messages": 2, "characters": 1_024, "header": "x-session-id"}),
        pool_stack(pooled_model(timeouts={"streamSeconds": 300})),
        {
            **pool_stack(pooled_model(cache={"shareable": True}, access={"mode": "open"}), shared_model(name="words")),
            "edge": {"provider": "cloudfront", "origin": {"domain": "kong.example.com"}},
        },
    ],
)
def test_accepts_what_goes_together(document: dict[str, Any]) -> None:
    assert problems(document) == []


def test_everything_wrong_with_pools_is_told_at_once() -> None:
    document = pool_stack(pooled_model({"name": "x"}), targets=SAME, affinity={"by": "key", "header": "a"})
    assert [problem.partition(" ")[0] for problem in problems(document)] == [
        "pools[0].targets[1].address",
        "pools[0].affinity.header",
        "pools[0].name",
        "models[0].pool.name",
    ]


def test_a_wrong_pool_of_a_model_is_told_once() -> None:
    assert [problem.partition(" ")[0] for problem in problems(pool_stack(pooled_model({"name": "CHAT"})))] == [
        "models[0].pool.name"
    ]
