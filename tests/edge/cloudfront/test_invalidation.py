"""Invalidations by path, wildcard and tag, asked for by botocore."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from local.edge.cloudfront.cache_key import CacheKey
from tests.edge.running import Edge, Origin, cache_policy, configure, with_function


async def call(edge: Edge, operation: str, **arguments: Any) -> Any:
    def run() -> Any:
        client = Session().create_client(
            "cloudfront",
            region_name="us-east-1",
            endpoint_url=edge.admin,
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"max_attempts": 0}),
        )
        try:
            return getattr(client, operation)(**arguments)
        finally:
            client.close()

    return await asyncio.to_thread(run)


async def invalidate(edge: Edge, *paths: str, reference: str = "1", distribution: str = "E1") -> Any:
    batch = {"Paths": {"Quantity": len(paths), "Items": list(paths)}, "CallerReference": reference}
    return await call(edge, "create_invalidation", DistributionId=distribution, InvalidationBatch=batch)


async def stored(edge: Edge) -> set[str]:
    return {f"{one.key.path}?{one.key.query}".rstrip("?") for one in edge.store}


async def fill(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin, cache_policy(query=["q"]), cacheTagConfig={"headerName": "Cache-Tag"})
    tags = {"/a": "model-1,Model-1@7", "/b": "model-2", "/dir/a": " model-1 , ,x", "/a?q=1": ""}

    async def tagged(request: web.BaseRequest) -> web.StreamResponse:
        headers = {"Cache-Control": "max-age=60", "Cache-Tag": tags[request.raw_path]}
        return web.Response(text="x", headers=headers)

    origin.answers = [tagged]
    for target in tags:
        await edge.send(target)
    assert await stored(edge) == set(tags)


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        (["/a"], {"/b", "/dir/a", "/a?q=1"}),
        (["/a?q=1"], {"/a", "/b", "/dir/a"}),
        (["/a*"], {"/b", "/dir/a"}),
        (["/dir/*", "/b"], {"/a", "/a?q=1"}),
        (["/*"], set()),
        (["/A"], {"/a", "/b", "/dir/a", "/a?q=1"}),
        (["/*a"], {"/a", "/b", "/dir/a", "/a?q=1"}),
        (["#model-1"], {"/b", "/a?q=1"}),
        (["#MODEL-1@7"], {"/b", "/dir/a", "/a?q=1"}),
        (["#model*"], {"/a", "/b", "/dir/a", "/a?q=1"}),
        (["#x", "#model-2"], {"/a", "/a?q=1"}),
    ],
)
async def test_what_an_invalidation_removes(edge: Edge, origin: Origin, paths: list[str], left: set[str]) -> None:
    await fill(edge, origin)
    size = edge.store.size_bytes
    await invalidate(edge, *paths)
    assert await stored(edge) == left
    assert edge.store.size_bytes <= size
    assert edge.store.size_bytes == sum(one.size_bytes for one in edge.store)


async def test_the_answer_is_cloudfronts(edge: Edge, origin: Origin) -> None:
    await fill(edge, origin)
    made = (await invalidate(edge, "/a&b", "#x"))["Invalidation"]
    assert made["Status"] == "Completed"
    assert made["InvalidationBatch"] == {"Paths": {"Quantity": 2, "Items": ["/a&b", "#x"]}, "CallerReference": "1"}
    found = await call(edge, "get_invalidation", DistributionId="E1", Id=made["Id"])
    assert found["Invalidation"] == made


async def test_one_caller_reference_is_one_invalidation(edge: Edge, origin: Origin) -> None:
    await fill(edge, origin)
    first = await invalidate(edge, "/a")
    await edge.send("/a")
    again = await invalidate(edge, "/a")
    assert again["Invalidation"]["Id"] == first["Invalidation"]["Id"]
    assert "/a" in await stored(edge)
    with pytest.raises(ClientError, match="InvalidArgument"):
        await invalidate(edge, "/b")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"paths": ["/a"], "distribution": "E9"}, "NoSuchDistribution"),
        ({"paths": ["a"]}, "InvalidArgument"),
        ({"paths": ["#"]}, "InvalidArgument"),
        ({"paths": ["#a,b"]}, "InvalidArgument"),
        ({"paths": ["/a", "#" + "x" * 257]}, "InvalidArgument"),
        ({"paths": []}, "InconsistentQuantities"),
    ],
)
async def test_a_wrong_invalidation_is_refused_and_removes_nothing(
    edge: Edge, origin: Origin, arguments: dict[str, Any], code: str
) -> None:
    await fill(edge, origin)
    paths = arguments.pop("paths")
    with pytest.raises(ClientError) as caught:
        await invalidate(edge, *paths, **arguments)
    assert caught.value.response["Error"]["Code"] == code
    assert len(edge.store) == 4


@pytest.mark.parametrize("body", [b"", b"<a>", b"<a/>", b"{}"])
async def test_what_is_not_the_documented_xml_is_malformed(edge: Edge, origin: Origin, body: bytes) -> None:
    await configure(edge, origin)
    async with edge.session.post(f"{edge.admin}/2020-05-31/distribution/E1/invalidation", data=body) as answer:
        assert (answer.status, "MalformedXML" in await answer.text()) == (400, True)


async def test_the_viewers_path_and_the_functions_path_both_count(edge: Edge, origin: Origin) -> None:
    code = "function handler(event) { event.request.uri = '/made' + event.request.uri; return event.request; }"
    await with_function(edge, origin, code)
    for number, path in enumerate(("/a", "/made/a")):
        await edge.send("/a")
        await edge.invalidate(path, reference=str(number))
        assert len(edge.store) == 0


async def test_other_distributions_keep_their_answers(edge: Edge, origin: Origin) -> None:
    await configure(edge, origin, aliases=["one.example.com"])
    found = edge.registry.find("E1")
    assert found is not None
    await edge.must_put(
        "distribution", "E2", {**found.inputs, "aliases": ["two.example.com"]}, domainName="d2.example.net"
    )
    for host in ("one.example.com", "two.example.com"):
        await edge.send("/a", headers={"Host": host})
    await edge.invalidate("/*")
    assert {one.key.distribution_id for one in edge.store if isinstance(one.key, CacheKey)} == {"E2"}


async def test_without_a_tag_header_there_are_no_tags(edge: Edge, origin: Origin) -> None:
    origin.answers = [web.Response(text="x", headers={"Cache-Control": "max-age=9", "Cache-Tag": "a"})]
    await configure(edge, origin)
    await edge.send("/a")
    await edge.invalidate("#a")
    assert len(edge.store) == 1
