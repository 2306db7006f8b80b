"""A policy pack, served and asked as the CLI does it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from local import PROJECT_DIR
from local.engine.errors import EngineError
from local.engine.policies.configuration import pack_configuration
from local.engine.policies.violation import Violation
from local.engine.yaml_file import read_yaml

PACK_FILE = "PulumiPolicy.yaml"
_NO_ENGINE = "127.0.0.1:0"
_STOP_SECONDS = 5.0
_MESSAGE_BYTES = 400 * 2**20
_TAIL_LINES = 12
_SEVERITIES = {
    analyzer_pb2.POLICY_SEVERITY_LOW: "low",
    analyzer_pb2.POLICY_SEVERITY_MEDIUM: "medium",
    analyzer_pb2.POLICY_SEVERITY_HIGH: "high",
    analyzer_pb2.POLICY_SEVERITY_CRITICAL: "critical",
}


class PolicyPack:
    """A CrossGuard pack in a process of its own.

    Usage::

        with PolicyPack(Path("policies"), Path("Pulumi.prod.policies.json")) as pack:
            violations = pack.analyze(analyzer_pb2.AnalyzeRequest(...))

    The process starts at once and is waited for when it is first asked. What was found to comply is not asked again.
    Raises EngineError when the pack cannot be started or asked, or when its config is wrong.
    """

    def __init__(self, folder: Path, config_file: Path | None = None) -> None:
        self._folder, self._config_file = folder.resolve(), config_file
        self._name = str(folder)
        self._lock = threading.Lock()
        self._stub: Any = None
        self._channel: grpc.Channel | None = None
        self._compliant: set[bytes] = set()
        self.label = self._name

    def __enter__(self) -> PolicyPack:
        document = read_yaml(
            self._folder / PACK_FILE, if_missing=f"{self._name} is no policy pack: no {PACK_FILE} there"
        )
        self._version = str(document.get("version") or "")
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-u",
                "-m",
                "local.child",
                str(os.getpid()),
                "pulumi.policy",
                _NO_ENGINE,
                str(self._folder),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=PROJECT_DIR,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._channel is not None:
            self._channel.close()
        self._process.kill()
        self._process.wait(_STOP_SECONDS)
        assert self._process.stdout
        self._process.stdout.close()
        self._log.close()

    def analyze(self, request: analyzer_pb2.AnalyzeRequest) -> list[Violation]:
        """What the policies say about one resource."""
        return self._ask(request, lambda stub: stub.Analyze(request), request.urn)

    def analyze_stack(self, request: analyzer_pb2.AnalyzeStackRequest, stack_urn: str) -> list[Violation]:
        """What the policies say about all resources together; findings about none of them are about the stack."""
        return self._ask(request, lambda stub: stub.AnalyzeStack(request), stack_urn)

    def _ask(self, request: Message, call: Callable[[Any], analyzer_pb2.AnalyzeResponse], urn: str) -> list[Violation]:
        question = hashlib.sha256(request.SerializeToString(deterministic=True)).digest()
        with self._lock:
            stub = self._started()
            if question in self._compliant:
                return []
        try:
            response = call(stub)
        except grpc.RpcError as error:
            raise EngineError(f"the policy pack {self._name} failed: {error.details()}{self._tail()}") from error
        if not response.diagnostics:
            self._compliant.add(question)
        return [
            Violation(
                item.policyName,
                "advisory" if item.enforcementLevel == analyzer_pb2.ADVISORY else "mandatory",
                item.urn or urn,
                item.message,
                _SEVERITIES.get(item.severity, ""),
            )
            for item in response.diagnostics
        ]

    def _started(self) -> Any:
        """The stub of the running pack, configured."""
        if self._stub is None:
            assert self._process.stdout
            port = self._process.stdout.readline().strip()
            if not port.isdigit():
                raise EngineError(f"the policy pack {self._name} could not be started{self._tail()}")
            options = [
                ("grpc.max_receive_message_length", _MESSAGE_BYTES),
                ("grpc.max_send_message_length", _MESSAGE_BYTES),
            ]
            self._channel = grpc.insecure_channel(f"127.0.0.1:{int(port)}", options=options)
            stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)
            info = stub.GetAnalyzerInfo(empty_pb2.Empty(), wait_for_ready=True)
            config = pack_configuration(info, self._config_file)
            stub.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=config))
            self.label = f"{info.name}@v{self._version or info.version} (local: {self._name})"
            self._stub = stub
        return self._stub

    def _tail(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()[-_TAIL_LINES:]
        return "".join(f"\n  {line}" for line in lines)
