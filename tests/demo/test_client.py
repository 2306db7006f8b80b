from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator

import aiohttp
import pytest
from aiohttp import web

from local.demo.client import PredictionClient, is_hit
from local.demo.edge_client import with_waited
from local.demo.nodes_client import NodesClient
from local.demo.paced_client import PacedClient
from local.demo.target import Target
from local.demo.traffic import BackgroundTraffic
from local.demo.workload import Prediction
from tests.demo.support import answer

PREDICTIONS = [Prediction(number, json.dumps(number).encode()) for number in range(12)]


@pytest.fixture
def echo_url() -> Iterator[str]:
    """A server that sends the body back, the later the smaller its number."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    urls: list[str] = []
    stop = asyncio.Event()

    async def echo(request: web.Request) -> web.Response:
        body = await request.read()
        await asyncio.sleep(0.002 * (12 - int(body)))
        return web.Response(body=body, headers={"Cache-Status": "edge; hit", "Asked-With": request.headers["Key"]})

    async def serve() -> None:
        app = web.Application()
        app.router.add_post("/", echo)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        urls.append(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        ready.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(20)
    yield urls[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def test_answers_come_in_the_order_of_the_predictions(echo_url: str) -> None:
    seen: list[int] = []
    answers = PredictionClient(echo_url, {"Key": "k"}, clients=4).send(PREDICTIONS, lambda got: seen.append(got.index))
    assert [answer.document for answer in answers] == list(range(12))
    assert [answer.index for answer in answers] == list(range(12))
    assert sorted(seen) == list(range(12))
    assert all(answer.status == 200 and answer.hit and answer.milliseconds > 0 for answer in answers)


def test_a_paced_client_pauses_before_each_request(echo_url: str) -> None:
    first, second, third = PacedClient(echo_url, {"Key": "k"}, 1, pause_seconds=0.1).send(PREDICTIONS[:3])
    assert second.sent_at - first.came_at >= 0.09
    assert third.sent_at - second.came_at >= 0.09


def test_several_nodes_are_asked_in_turn_by_one_name() -> None:
    asked: list[tuple[int, str, str]] = []

    def node(number: int) -> web.Server:
        async def note(request: web.BaseRequest) -> web.Response:
            asked.append((number, request.headers["Host"], request.headers["Key"]))
            return web.Response(body=await request.read())

        return web.Server(note)

    async def ask() -> list[int]:
        runners = [web.ServerRunner(node(number)) for number in range(2)]
        for runner in runners:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
        proxies = [f"http://127.0.0.1:{runner.addresses[0][1]}" for runner in runners]
        client = NodesClient(Target("http://kong.example.com/predict", {"Key": "k"}), proxies, clients=1)
        answers = await asyncio.to_thread(client.send, PREDICTIONS[:4])
        for runner in runners:
            await runner.cleanup()
        return [answer.document for answer in answers]

    assert asyncio.run(ask()) == [0, 1, 2, 3]
    assert asked == [(number, "kong.example.com", "k") for number in (0, 1, 0, 1)]


def test_a_node_is_asked_by_the_first_ones_name() -> None:
    target = Target("http://127.0.0.1:8000/digits/predict", {"apikey": "k"})
    node = target.at_node("http://127.0.0.1:8004")
    assert node == Target("http://127.0.0.1:8004/digits/predict", {"apikey": "k", "Host": "127.0.0.1:8000"})
    assert target.at_node("http://127.0.0.1:8000").headers["Host"] == "127.0.0.1:8000"


def test_traffic_can_be_waited_for_by_a_kind_of_answer(echo_url: str) -> None:
    with BackgroundTraffic(PredictionClient(echo_url, {"Key": "k"}), PREDICTIONS) as traffic:
        assert traffic.wait_until(lambda answer: answer.index == 3, count=2, patience_seconds=30)
        assert [answer.index for answer in traffic.answers].count(3) >= 2
        assert not traffic.wait_until(lambda answer: answer.index == 99, count=1, patience_seconds=0.05)


def test_traffic_goes_on_in_the_background_until_the_block_ends(echo_url: str) -> None:
    with BackgroundTraffic(PredictionClient(echo_url, {"Key": "k"}), PREDICTIONS) as traffic:
        traffic.wait_for(2 * len(PREDICTIONS))
        traffic.wait_for(1)
    answered = len(traffic.answers)
    assert answered > 2 * len(PREDICTIONS)
    assert {answer.document for answer in traffic.answers} == set(range(12))
    threading.Event().wait(0.1)
    assert len(traffic.answers) == answered


def test_a_connection_that_fails_is_an_error() -> None:
    client = PredictionClient("http://127.0.0.1:1/")
    with pytest.raises(ExceptionGroup) as caught:
        client.send(PREDICTIONS)
    assert caught.group_contains(aiohttp.ClientError)
    with pytest.raises(ExceptionGroup), BackgroundTraffic(client, PREDICTIONS) as traffic:
        traffic.wait_for(1)


@pytest.mark.parametrize(
    ("headers", "hit"),
    [
        ({"Cache-Status": "inference-edge; hit; ttl=299"}, True),
        ({"Cache-Status": "Edge; fwd=miss, inference-edge;hit"}, True),
        ({"X-Cache-Status": "Hit"}, True),
        ({"Cache-Status": "inference-edge; fwd=miss; stored"}, False),
        ({"Cache-Status": "hit"}, False),
        ({"Cache-Status": "inference-edge; fwd=bypass; detail=hit"}, False),
        ({"X-Cache-Status": "Miss"}, False),
        ({}, False),
    ],
)
def test_reads_from_the_headers_whether_it_was_a_hit(headers: dict[str, str], hit: bool) -> None:
    assert is_hit(headers) is hit


def test_a_hit_at_the_edge_waited_if_it_was_sent_while_the_model_was_asked_the_same() -> None:
    answers = [
        answer(0, 1000, hit=False, sent_at=10.0),
        answer(0, 400, at_edge=True, sent_at=10.6),
        answer(0, 5, at_edge=True, sent_at=11.1),
        answer(1, 5, at_edge=True, sent_at=10.5),
        answer(0, 5, sent_at=10.5),
        answer(2, 400, waited=True, sent_at=10.5),
    ]
    assert [each.waited for each in with_waited(answers)] == [False, True, False, False, False, True]
