"""The local world: models, chat replicas, gateway nodes, Valkey and the local edge, started and stopped together."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from local.part import Part
from local.process import ProcessError, ReadyProcess

_GATEWAY, _EDGE, _REDIS = "gateway", "edge", "redis"
# What Kong nodes need for kong.repeatsLostRequests.
REPEATING = ("--nginx-proxy-proxy-next-upstream", "error non_idempotent")
_START_SECONDS = 60.0
_POLL_SECONDS = 0.02


class WorldError(RuntimeError):
    """The local world cannot start or has lost a part; the text is for a person."""


class LocalWorld:
    """A model server for each version, the embedded Kong, and if asked for more, each a child process.

    Usage:
        with LocalWorld(models={"1": 0, "2": 0}, latency_seconds=1.0, edge_ports=(0, 0)) as world:
            world.admin, world.proxy            # "http://127.0.0.1:NNNN"
            world.edge_admin, world.edge_proxy  # the same of the edge, "" without one
            world.endpoints["2"]                # "http://127.0.0.1:NNNN/invocations"
        with LocalWorld(node_ports=(0,), redis_port=0) as world:
            world.proxies                       # of both gateway nodes, world.proxy first
            world.redis_url                     # "redis://127.0.0.1:NNNN/0"
            world.redis_password, world.redis_pid   # the server's own process
            world.kill("redis"); world.restart("redis")
            world.freeze("redis"); world.thaw("redis")
        with LocalWorld(models={}, replicas={"large-1": 0, "large-2": 0}) as world:
            world.replicas["large-1"]           # "127.0.0.1:NNNN"
            world.terminate("large-1"); world.restart("large-1")

    models: version -> port, by default one of version 1. replicas: of a chat model, name -> port. edge_ports: admin
    and proxy. node_ports: the proxies of further gateway nodes, named node-2 and so on, which follow the first one's
    configuration. redis_password: by default a random one, "" for none.
    Port 0 takes a free one. latency_seconds is added to every prediction; a chat replica takes as long to read a prompt
    of 16,384 characters.
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
        node_ports: Sequence[int] = (),
        redis_port: int | None = None,
        redis_password: str | None = None,
        replicas: Mapping[str, int] | None = None,
    ) -> None:
        self._parts = {
            f"model-{version}": _model(version, port, latency_seconds)
            for version, port in ({"1": 0} if models is None else models).items()
        }
        for name, port in (replicas or {}).items():
            self._parts[name] = _replica(name, port, latency_seconds)
        self._parts[_GATEWAY] = _served("local.kong", (admin_port, proxy_port), gateway_arguments)
        if edge_ports:
            self._parts[_EDGE] = _served("local.edge", edge_ports)
        self._gateway_arguments = gateway_arguments
        self._node_ports = node_ports
        self._redis_port = redis_port
        self.redis_password = secrets.token_urlsafe(24) if redis_password is None else redis_password
        self._processes: list[ReadyProcess] = []
        self._log_dir: Path | None = None
        self.admin = ""
        self.edge_admin = ""
        self.edge_proxy = ""
        self.redis_url = ""
        self.redis_pid = 0
        self.endpoints: dict[str, str] = {}
        self.replicas: dict[str, str] = {}
        self._proxies: dict[str, str] = {}

    def __enter__(self) -> LocalWorld:
        self._log_dir = Path(tempfile.mkdtemp(prefix="inference-edge-"))
        try:
            if self._redis_port is not None:
                self._parts[_REDIS] = self._redis(self._redis_port)
            self._start(list(self._parts))
            nodes = {f"node-{number}": port for number, port in enumerate(self._node_ports, start=2)}
            for name, port in nodes.items():  # they need the first one's Admin API
                options = ["--follow", self.admin, *self._gateway_arguments]
                self._parts[name] = Part("local.kong", {"proxy": ("--proxy", port)}, options)
            self._start(nodes)
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

    def kill(self, name: str) -> None:
        """Kill a part as the kernel would that needs its memory; from then on `check` does not miss it."""
        self._end(name, ReadyProcess.kill)

    def terminate(self, name: str) -> None:
        """Ask a part to end, as a rolling update does, and return when it has; `check` does not miss it."""
        self._end(name, ReadyProcess.stop)

    def restart(self, *names: str) -> None:
        """Start parts that were killed or terminated, empty and on the same addresses; return when they are ready."""
        self._start(names)

    def freeze(self, name: str) -> None:
        """Let a part hang: it takes connections and answers nothing until `thaw`."""
        os.killpg(self.pids[name], signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let a part that hangs go on."""
        os.killpg(self.pids[name], signal.SIGCONT)

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
    def proxy(self) -> str:
        """URL of the gateway's proxy, with several nodes that of the first."""
        return self._proxies.get(_GATEWAY, "")

    @property
    def proxies(self) -> list[str]:
        """URL of each gateway node's proxy, the first node first."""
        return list(self._proxies.values())

    @property
    def redis_password_file(self) -> Path:
        """File of mode 600 with the password, for other programs; it is deleted with the world."""
        assert self._log_dir
        return self._log_dir / "redis.password"

    @property
    def pids(self) -> dict[str, int]:
        """Process id of each part that runs, by name."""
        return {process.name: process.pid for process in self._processes}

    def logged(self, part: str, words: str) -> list[str]:
        """Return the lines that a part has written to stderr and that have these words."""
        assert self._log_dir
        text = (self._log_dir / f"{part}.log").read_text(errors="replace")
        return [line for line in text.splitlines() if words in line]

    def _end(self, name: str, end: Callable[[ReadyProcess], None]) -> None:
        process = next(process for process in self._processes if process.name == name)
        end(process)
        self._processes.remove(process)

    def _start(self, names: Iterable[str]) -> None:
        assert self._log_dir
        started = [
            ReadyProcess(name, self._parts[name].module, self._parts[name].command_line, self._log_dir)
            for name in names
        ]
        self._processes += started
        deadline = time.monotonic() + _START_SECONDS
        while started and time.monotonic() < deadline:
            started = [process for process in started if not self._is_ready(process)]
            time.sleep(_POLL_SECONDS)
        if started:
            late = ", ".join(process.name for process in started)
            raise WorldError(f"not ready after {_START_SECONDS:g} s: {late}")

    def _is_ready(self, process: ReadyProcess) -> bool:
        try:
            ready = process.ready()
        except ProcessError as error:
            raise WorldError(str(error)) from None
        if ready is None:
            return False
        name = process.name
        self._parts[name] = self._parts[name].at(ready)
        if name == _EDGE:
            self.edge_admin, self.edge_proxy = ready["admin"], ready["proxy"]
        elif name == _REDIS:
            self.redis_url, self.redis_pid = ready["url"], ready["pid"]
        elif "replica" in ready:
            self.replicas[name] = urlsplit(ready["replica"]).netloc
        elif "proxy" in ready:
            self._proxies[name] = ready["proxy"]
            self.admin = ready.get("admin", self.admin)
        else:
            self.endpoints[name.removeprefix("model-")] = ready["endpoint"]
        return True

    def _redis(self, port: int) -> Part:
        with os.fdopen(os.open(self.redis_password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self.redis_password)
        return Part("local.redis", {"url": ("--bind", port)}, ["--password-file", str(self.redis_password_file)])


def _served(module: str, ports: tuple[int, int], options: Sequence[str] = ()) -> Part:
    admin, proxy = ports
    return Part(module, {"admin": ("--admin", admin), "proxy": ("--proxy", proxy)}, options)


def _model(version: str, port: int, latency_seconds: float) -> Part:
    options = ["--model-version", version, "--latency-seconds", str(latency_seconds)]
    return Part("local.model", {"endpoint": ("--bind", port)}, options)


def _replica(name: str, port: int, latency_seconds: float) -> Part:
    options = ["--name", name, "--latency-seconds", str(latency_seconds)]
    return Part("local.model.chat", {"replica": ("--bind", port)}, options)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read()
