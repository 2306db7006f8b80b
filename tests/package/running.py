"""components/ as a running plugin."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2_grpc

ROOT = Path(__file__).resolve().parents[2]


class _Engine(engine_pb2_grpc.EngineServicer):
    """The part of the engine that a plugin calls."""

    def Log(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()


@contextlib.contextmanager
def running_plugin(elsewhere: Path) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """The plugin as the engine starts it: from another folder, with the engine's address as its argument."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    engine = grpc.server(ThreadPoolExecutor())
    engine_pb2_grpc.add_EngineServicer_to_server(_Engine(), engine)
    port = engine.add_insecure_port("127.0.0.1:0")
    engine.start()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "components"), f"127.0.0.1:{port}"],
        cwd=elsewhere,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout and process.stderr
        ready, _, _ = select.select([process.stdout], [], [], 60)
        line = process.stdout.readline() if ready else ""
        assert line.strip().isdigit(), line or process.stderr.read()
        with grpc.insecure_channel(f"127.0.0.1:{line.strip()}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
    finally:
        process.kill()
        process.communicate()
        engine.stop(grace=None).wait()
