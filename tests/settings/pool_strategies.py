"""Valid pools and routers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from hypothesis import strategies as st

from tests.settings.strategies import HEADER, HOST, PATH, distinct, some, whole

ADDRESS = st.builds("{}:{}".format, HOST, st.integers(1, 65_535))
TARGETS = st.lists(
    st.fixed_dictionaries({"address": ADDRESS}, optional={"weight": whole(1, 65_535)}),
    min_size=1,
    max_size=4,
    unique_by=lambda target: target["address"],
)
AFFINITY = some(messages=whole(1, 100), characters=whole(1, 65_536), maxLoadFactor=st.floats(1, 10)) | HEADER.map(
    lambda header: {"by": "session", "header": header}
)
POOL = st.builds(
    lambda replicas, more: {**replicas, **more},
    TARGETS.map(lambda targets: {"targets": targets})
    | HOST.map(lambda name: {"discovery": {"name": name, "port": 8000}}),
    some(
        protocol=st.sampled_from(["http", "https"]),
        hostHeader=HOST,
        affinity=AFFINITY,
        health=some(path=st.just("/health"), intervalSeconds=whole(1, 60), failures=whole(1, 254)),
        circuitBreaker=some(errors=whole(0, 254), statuses=distinct(st.sampled_from([429, 500, 503]), 1, 3)),
    ),
)


def callers_of(model: dict[str, Any]) -> tuple[Any, ...]:
    """What the models of one name have in common."""
    return model["access"]["mode"], model["route"].get("hosts", []), model["route"].get("httpsOnly", False)


def with_hosts_of_their_own(document: dict[str, Any]) -> bool:
    """Whether no two models have a server in common, so that a router may tell them apart."""
    servers = [{urlsplit(model["endpoint"]).hostname} for model in document["models"] if "endpoint" in model]
    for pool in document.get("pools", []):
        targets = {target["address"].partition(":")[0] for target in pool.get("targets", [])}
        servers.append(targets or {pool["discovery"]["name"]})
    return len(set[Any]().union(*servers)) == sum(map(len, servers))


@st.composite
def routers(draw: st.DrawFn, models: list[dict[str, Any]]) -> dict[str, Any]:
    router = draw(some(modelPointer=st.sampled_from(["/model", "/a/b~0c"]), maxBodyBytes=whole(1, 9)))
    router["paths"] = draw(distinct(PATH.map(lambda parts: "/entry/" + "/".join(parts)), 1, 2))
    servers = [urlsplit(model["endpoint"]).netloc for model in models if "endpoint" in model]
    if len(set(servers)) == len(servers):
        router |= draw(some(modelHeader=st.just("which-model")))
    if draw(st.booleans()):
        return router
    router["models"] = []
    for name in draw(distinct(st.from_regex(r"[A-Za-z0-9._:/@-]{1,20}", fullmatch=True), 1, 3)):
        first = draw(st.sampled_from(models))
        alike = [model for model in models if callers_of(model) == callers_of(first)]
        *others, last = alike
        versions = others or [last]
        routed: dict[str, Any] = {
            "name": name,
            "versions": [{"model": model["name"], "weight": draw(whole(1, 65_535))} for model in versions],
        }
        if others and any("pool" in model for model in versions) and draw(st.booleans()):
            routed["fallback"] = {"model": last["name"], "servedName": name}
        router["models"].append(routed)
    return router
