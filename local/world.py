"""The local world: model servers, the embedded gateway and the local edge, started and stopped together."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from local.process import ProcessError, ReadyProcess

_GATEWAY, _EDGE = "gateway", "edge"
_START_SECONDS = 60.0
_POLL_SECONDS = 0.02


class WorldError(RuntimeError):
    """The local world cannot start or has lost a part; the text is for a person."""


class LocalWorld:
    """A model server for each version, the embedded Kong and if asked for the local edge, as child processes.

    Usage:
        with LocalWorld(models={"1": 0, "2": 0}, latency_seconds=1.0, edge_ports=(0, 0)) as world:
            world.admin, world.proxy            # "http://127.0.0.1:NNNN"
            world.edge_admin, world.edge_proxy  # the same of the edge, "" without one
            world.endpoints["2"]                # "http://127.0.0.1:NNNN/invocations"

    models: version -> port. edge_ports: admin and proxy. Port 0 takes a free one. latency_seconds is added to every
    prediction.
    Raises WorldError with the tail of the part's log when one does not start; whatever had started is stopped.
    """

    def __init__(
        self,
        models: Mapping[str, int] | None = None,
        latency_seconds: float = 1.0,
        admin_port: int = 0,
        proxy_port: int = 0,
        gateway_arguments: Sequence[str] = (),
        edge_ports: tuple[int, int] | None = None,
    ) -> None:
        self._commands = {
            f"model-{version}": ("local.model", _model_arguments(version, port, latency_seconds))
            for version, port in (models or {"1": 0}).items()
        }
        self._commands[_GATEWAY] = ("local.kong", [*_ports(admin_port, proxy_port), *gateway_arguments])
        if edge_ports:
            self._commands[_EDGE] = ("local.edge", _ports(*edge_ports))
        self._processes: list[ReadyProcess] = []
        self._log_dir: Path | None = None
        self.admin = ""
        self.proxy = ""
        self.edge_admin = ""
        self.edge_proxy = ""
        self.endpoints: dict[str, str] = {}

    def __enter__(self) -> LocalWorld:
        self._log_dir = Path(tempfile.mkdtemp(prefix="inference-edge-"))
        try:
            self._start(self._log_dir)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def check(self) -> None:
        """Raise WorldError when a part has died."""
        try:
            for process in self._processes:
                process.check()
        except ProcessError as error:
            raise WorldError(str(error)) from None

    def stop(self) -> None:
        """Stop every part, the last started first."""
        while self._processes:
            self._processes[-1].stop()
            self._processes.pop()
        if self._log_dir:
            shutil.rmtree(self._log_dir, ignore_errors=True)

    def model_calls(self, version: str) -> int:
        """Return how many requests that model version has had."""
        return json.loads(_get(f"{_origin(self.endpoints[version])}/calls"))["calls"]

    @property
    def pids(self) -> dict[str, int]:
        """Process id of each part that runs, by name."""
        return {process.name: process.pid for process in self._processes}

    def _start(self, log_dir: Path) -> None:
        for name, (module, arguments) in self._commands.items():
            self._processes.append(ReadyProcess(name, module, arguments, log_dir))
        deadline = time.monotonic() + _START_SECONDS
        waiting = list(self._processes)
        while waiting and time.monotonic() < deadline:
            waiting = [process for process in waiting if not self._is_ready(process)]
            time.sleep(_POLL_SECONDS)
        if waiting:
            names = ", ".join(process.name for process in waiting)
            raise WorldError(f"not ready after {_START_SECONDS:g} s: {names}")

    def _is_ready(self, process: ReadyProcess) -> bool:
        try:
            ready = process.ready()
        except ProcessError as error:
            raise WorldError(str(error)) from None
        if ready is None:
            return False
        if process.name == _GATEWAY:
            self.admin, self.proxy = ready["admin"], ready["proxy"]
        elif process.name == _EDGE:
            self.edge_admin, self.edge_proxy = ready["admin"], ready["proxy"]
        else:
            self.endpoints[process.name.removeprefix("model-")] = ready["endpoint"]
        return True


def _ports(admin: int, proxy: int) -> list[str]:
    return ["--admin", f"127.0.0.1:{admin}", "--proxy", f"127.0.0.1:{proxy}"]


def _model_arguments(version: str, port: int, latency_seconds: float) -> list[str]:
    bind = ["--bind", f"127.0.0.1:{port}"]
    return [*bind, "--model-version", version, "--latency-seconds", str(latency_seconds)]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read()
