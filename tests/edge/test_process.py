"""The local edge as a process: its ready line, its end, a port in use, a restart."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.process import ProcessError, ReadyProcess
from tests.edge.running import cache_policy

FREE = ["--admin", "127.0.0.1:0", "--proxy", "127.0.0.1:0"]
ROOT = Path(__file__).parents[2]


def ready(process: ReadyProcess) -> dict[str, str]:
    deadline = time.monotonic() + 60
    while (found := process.ready()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_the_key_of_cloud_cdn_is_chosen_at_the_start(tmp_path: Path) -> None:
    started = ReadyProcess("edge", "local.edge", [*FREE, "--cloud-cdn-keys-before-url-map"], tmp_path)
    try:
        assert status(f"{ready(started)['admin']}/status") == 200
    finally:
        started.stop()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ReadyProcess]:
    started = ReadyProcess("edge", "local.edge", FREE, tmp_path)
    yield started
    started.stop()


def status(url: str, method: str = "GET", body: object = None) -> int:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_it_says_where_it_listens_and_forgets_everything_at_a_restart(process: ReadyProcess, tmp_path: Path) -> None:
    urls = ready(process)
    resource = {"type": "aws:cloudfront/cachePolicy:CachePolicy", "id": "policy", "inputs": cache_policy()}
    assert status(f"{urls['admin']}/resources/policy", "PUT", resource) == 200
    assert status(f"{urls['admin']}/resources/policy") == 200
    assert status(f"{urls['proxy']}/a") == 403
    process.stop()
    ports = [url.removeprefix("http://") for url in (urls["admin"], urls["proxy"])]
    again = ReadyProcess("again", "local.edge", ["--admin", ports[0], "--proxy", ports[1]], tmp_path)
    try:
        assert ready(again) == urls
        assert status(f"{urls['admin']}/resources/policy") == 404
    finally:
        again.stop()


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = ReadyProcess(
            "edge", "local.edge", ["--admin", "127.0.0.1:0", "--proxy", f"127.0.0.1:{port}"], tmp_path
        )
        try:
            with pytest.raises(ProcessError, match=f"cannot listen on 127.0.0.1:{port}: address already in use$"):
                ready(process)
        finally:
            process.stop()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--proxy", "0.0.0.0:8003"], "not an address of this machine"),
        (["--admin", "192.0.2.1:1"], "not an address of this machine"),
        (["--admin", "127.0.0.1"], "not an address of this machine"),
        (["--cache-size", "many"], "is not a size"),
    ],
)
def test_wrong_arguments(arguments: list[str], reason: str) -> None:
    command = [sys.executable, "-m", "local.edge", *arguments]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (found.returncode, reason in found.stderr) == (2, True)
