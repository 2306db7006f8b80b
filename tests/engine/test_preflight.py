"""What a provider cannot do is said before anything is changed, at Kong or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random
import pytest

from local.engine.errors import ProviderError
from local.engine.providers.random import RandomProvider
from tests.engine.conftest import MakeAws, MakeEngine
from tests.engine.support.admin_api import MemoryAdminApi
from tests.engine.support.aws_programs import edge
from tests.engine.support.edge_api import MemoryEdgeApi
from tests.engine.support.failures import failure_of
from tests.engine.support.programs import callers, shop

ELSEWHERE = {"aws:region": "eu-west-1", "aws:allowedAccountIds": ["123456789012"]}
NOBODY = "http://127.0.0.1:1"


def kong_and(program: Callable[[], Any], host: str = "a.test") -> Callable[[], None]:
    """Entities of Kong, which do not wait for the rest of the program."""

    def run() -> None:
        shop(host)()
        callers()
        program()

    return run


def topic(name: str = "t", **options: Any) -> Callable[[], None]:
    """A resource of AWS that no local edge has."""
    return lambda: aws.sns.Topic("t", name=name, opts=pulumi.ResourceOptions(**options)) and None


# Another account than the stand-in's


ACCOUNTS: dict[str, dict[str, Any]] = {
    "none": {},
    "a real one": {"aws:allowedAccountIds": ["123456789012"]},
    "a real one too": {"aws:allowedAccountIds": ["000000000000", "123456789012"]},
}


@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_deployment_to_another_account_is_refused_before_kong_is_changed(
    name: str, make_engine: MakeEngine, kong: MemoryAdminApi, edge_api: MemoryEdgeApi
) -> None:
    config = {"aws:region": "eu-west-1", "aws:endpoints": [{"cloudfront": edge_api.url}], **ACCOUNTS[name]}
    engine = make_engine(kong_and(edge()), config=config)
    assert failure_of(engine.up).splitlines() == [
        "nothing was changed: the embedded engine cannot change an AWS account "
        "(aws:cloudfront/cachePolicy:CachePolicy and 3 more types): deploy this stack with the pulumi CLI",
        'to try it on this machine alone, set aws:allowedAccountIds to ["000000000000"], the account of the stand-in',
    ]
    assert kong.writes == edge_api.writes == []
    assert engine.refresh().changes["same"] == 0


def test_a_destroy_in_a_real_account_is_refused_before_kong_is_changed(
    make_engine: MakeEngine, make_aws: MakeAws, kong: MemoryAdminApi
) -> None:
    make_aws(kong_and(edge())).up()
    kong.requests.clear()
    message = failure_of(make_engine(None, config=ELSEWHERE).destroy)
    assert message.startswith("nothing was changed: the embedded engine cannot change an AWS account")
    assert kong.writes == []
    assert make_aws(None).destroy().changes["delete"] > 10


@pytest.mark.parametrize("program", [topic("another"), lambda: None], ids=["replaced", "deleted"])
def test_a_change_or_a_deletion_in_a_real_account_is_refused_before_kong_is_changed(
    program: Callable[[], None], make_engine: MakeEngine, make_aws: MakeAws, kong: MemoryAdminApi
) -> None:
    make_aws(kong_and(topic())).up()
    kong.requests.clear()
    engine = make_engine(kong_and(program, host="b.test"), config=ELSEWHERE)
    assert "nothing was changed: the embedded engine cannot change an AWS account" in failure_of(engine.up)
    assert kong.writes == []


def test_kong_is_changed_where_nothing_of_aws_has_to_be(
    make_engine: MakeEngine, make_aws: MakeAws, kong: MemoryAdminApi
) -> None:
    make_aws(kong_and(topic())).up()
    kong.requests.clear()
    make_engine(kong_and(topic(), host="b.test"), config=ELSEWHERE).up()
    assert [method for method, _ in kong.writes] == ["PUT"]


def test_what_is_retained_at_aws_does_not_hinder_a_destroy(make_engine: MakeEngine, make_aws: MakeAws) -> None:
    make_aws(topic(retain_on_delete=True)).up()
    assert make_engine(None, config=ELSEWHERE).destroy().changes["delete"] == 2


def test_an_explicit_provider_is_asked_with_its_own_settings(
    make_engine: MakeEngine, make_aws: MakeAws, kong: MemoryAdminApi
) -> None:
    def program(account: str) -> Callable[[], None]:
        def run() -> None:
            other = aws.Provider("other", region="us-east-1", allowed_account_ids=[account])
            topic(provider=other)()

        return kong_and(run)

    assert "cannot change an AWS account" in failure_of(make_aws(program("123456789012")).up)
    assert kong.writes == []
    make_engine(program("000000000000"), config=ELSEWHERE).up()
    assert make_engine(None, config=ELSEWHERE).destroy().changes["delete"] > 10
    assert kong.count() == 0


# A local edge that does not answer


ANOTHER_SERVER = "this is not the local edge's admin address; correct aws:endpoints (cloudfront)"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, "cannot be reached"),
        ((404, {"error": "no such page"}), ANOTHER_SERVER),
        ((200, {"server": {}, "database": {"reachable": True}}), ANOTHER_SERVER),
        ((503, {"message": "stopping"}), "the local edge says: stopping"),
    ],
    ids=["nobody", "another server", "the gateway", "an edge in trouble"],
)
def test_without_the_local_edge_nothing_is_changed(
    answer: tuple[int, Any] | None,
    expected: str,
    make_aws: MakeAws,
    make_edge: MakeAws,
    kong: MemoryAdminApi,
    edge_api: MemoryEdgeApi,
) -> None:
    make_edge(kong_and(edge())).up()
    kong.requests.clear()
    edge_api.writes.clear()
    url = edge_api.url if answer else NOBODY
    edge_api.refuse = lambda method, id_: answer
    for program, operation in ((kong_and(edge("second"), host="b.test"), "up"), (None, "destroy")):
        engine = make_aws(program, **{"aws:endpoints": [{"cloudfront": url}]})
        message = failure_of(getattr(engine, operation))
        assert message.startswith(f"nothing was changed: GET {url}/status: ") and expected in message
    assert kong.writes == edge_api.writes == []


def test_without_the_local_edge_other_resources_are_made(make_aws: MakeAws) -> None:
    assert make_aws(topic(), **{"aws:endpoints": [{"cloudfront": NOBODY}]}).up().changes["create"] == 2


@pytest.mark.parametrize("config", [ELSEWHERE, {"aws:endpoints": [{"cloudfront": NOBODY}]}], ids=["account", "edge"])
def test_a_preview_asks_nobody(config: dict[str, Any], make_aws: MakeAws) -> None:
    assert make_aws(kong_and(edge()), **config).preview().changes["create"] > 10


# The hook


class _Asked(RandomProvider):
    """Notes what it is asked to be ready for."""

    def __init__(self, asked: list[set[str]], ready: bool = True) -> None:
        self._asked, self._ready = asked, ready

    def require_ready(self, types: Collection[str]) -> None:
        self._asked.append(set(types))
        if not self._ready:
            raise ProviderError("no luck today")


def test_a_provider_is_asked_once_before_its_changes_and_not_without(make_engine: MakeEngine) -> None:
    asked: list[set[str]] = []

    def program() -> None:
        for name in ("a", "b"):
            pulumi_random.RandomUuid(name)
        pulumi_random.RandomBytes("c", length=8)

    def engine(program: Any) -> Any:
        return make_engine(program, providers={"random": lambda _: _Asked(asked)})

    everything = {"random:index/randomUuid:RandomUuid", "random:index/randomBytes:RandomBytes"}
    engine(program).preview()
    assert asked == []
    engine(program).up()
    assert asked == [everything]
    engine(program).up()
    engine(None).refresh()
    assert asked == [everything]
    engine(None).destroy()
    assert asked == [everything, everything]


def test_a_provider_that_is_not_ready_stops_the_deployment(make_engine: MakeEngine) -> None:
    engine = make_engine(lambda: pulumi_random.RandomUuid("a"), providers={"random": lambda _: _Asked([], ready=False)})
    assert failure_of(engine.up) == "nothing was changed: no luck today"
    assert engine.refresh().changes["same"] == 0
