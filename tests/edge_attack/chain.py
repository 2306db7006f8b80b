"""The whole chain: caller -> edge -> gateway -> model, deployed as a stack of the real program."""

from __future__ import annotations

import contextlib
import itertools
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local import PROJECT_DIR
from local.engine import EmbeddedEngine, EngineError
from local.engine.state.resource import ResourceState
from local.engine.state.store import StateStore
from local.process import ReadyProcess
from tests.edge_attack.edges import EdgeUnderTest, Fate
from tests.edge_attack.model import RecordingModel, recording_model
from tests.edge_attack.relay import relay
from tests.edge_attack.wire import Answer, Headers, encoded, exchange, joined, json_bytes

SHARED, PLAIN, PRIVATE, CREDENTIAL = "shared", "plain", "private", "credential"
CONSUMERS = ("web", "batch")
SITES = ("https://app.test", "https://other.test")
TTL_SECONDS = 600
_READY_SECONDS = 60
_POLL_SECONDS = 0.02
_STACK = "attack"
# Media CDN waits 15 seconds at most.
_LIMITS: dict[str, Any] = {"timeouts": {"connectSeconds": 1, "readSeconds": 10}, "retries": 0}
_numbers = itertools.count(1)

# Tests do not empty any cache: each asks questions of its own, made by `question()`.
MODELS: dict[str, dict[str, Any]] = {
    # GET is shared among all, but for the tenant.
    SHARED: {"cache": {"shareable": True, "keyHeaders": ["x-tenant"]}, "access": {"mode": "open"}},
    # Another shareable one, for which x-tenant means nothing, and that pages of two sites may ask.
    PLAIN: {"cache": {"shareable": True}, "access": {"mode": "open", "cors": {"origins": list(SITES)}}},
    # Two callers with a key each.
    PRIVATE: {"cache": {}, "access": {"mode": "key-auth"}},
    # The model itself tells callers apart.
    CREDENTIAL: {"cache": {}, "access": {"mode": "upstream-credential", "credentialHeaders": ["x-credential"]}},
}


def question(**members: Any) -> dict[str, Any]:
    """A question that nobody has asked yet."""
    return {"id": f"q{next(_numbers)}", **members}


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(done: Callable[[], bool], what: str) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + _READY_SECONDS
    while not done():
        assert time.monotonic() < deadline, f"not in {_READY_SECONDS} s: {what}"
        time.sleep(_POLL_SECONDS)


class Chain:
    """A running edge, gateway and model, and the stack between them.

    asked = question()
    answer = chain.get(SHARED, asked)               # at the edge; chain.post and chain.send likewise
    answer = chain.send("GET", chain.target(SHARED, asked), at=chain.gateway, headers=[...])
    chain.calls(asked)                              # how often the model was asked, whatever its version
    chain.redeploy(version="2", shared={"cache": {"generation": 2}}, edge={"origin": {"secretRotation": 2}})
    """

    def __init__(
        self, kind: EdgeUnderTest, addresses: dict[str, dict[str, str]], models: list[RecordingModel], scratch: Path
    ) -> None:
        self.kind, self.models = kind, {model.version: model for model in models}
        self.edge, self.edge_admin = addresses["edge"]["proxy"], addresses["edge"]["admin"]
        self.gateway, self.gateway_admin = addresses["gateway"]["proxy"], addresses["gateway"]["admin"]
        self._state_dir = scratch / "state"
        self.outputs: dict[str, Any] = {}
        self.version = "1"
        self._changes: dict[str, Any] = {}

    @property
    def model(self) -> RecordingModel:
        """The deployed version."""
        return self.models[self.version]

    def calls(self, question: Any) -> int:
        return sum(model.calls_for(question) for model in self.models.values())

    def redeploy(self, *, version: str | None = None, **changes: Any) -> None:
        """Deploy `version` of all models, and changes of sections: `edge`, and each model's by its name.

        Members that are objects are merged with those before, all others replace them. Changes stay.
        """
        self.version = version or self.version
        for name, change in changes.items():
            self._changes[name] = _merged(self._changes.get(name, {}), change)
        self.engine().up()
        self.outputs = self.engine().outputs(show_secrets=True)

    def refusal(self, **changes: Any) -> str:
        """Why a stack with these changes is not deployed; changes as for `redeploy`, they do not stay."""
        kept = self._changes
        self._changes = {**kept, **{name: _merged(kept.get(name, {}), change) for name, change in changes.items()}}
        try:
            self.engine().preview()
        except EngineError as error:
            return str(error)
        finally:
            self._changes = kept
        raise AssertionError("it would be deployed")

    @contextlib.contextmanager
    def changing_slowly(self, before_gateway: Callable[[], None], before_edge: Callable[[], None]) -> Iterator[None]:
        """In the block each single change of the gateway and of the edge waits until these functions return."""
        admins = self.gateway_admin, self.edge_admin
        with relay(admins[0], before_gateway) as gateway, relay(admins[1], before_edge) as edge:
            self.gateway_admin, self.edge_admin = gateway, edge
            try:
                yield
            finally:
                self.gateway_admin, self.edge_admin = admins

    def engine(self) -> EmbeddedEngine:
        return EmbeddedEngine(PROJECT_DIR, _STACK, self._state_dir, config=self._config())

    def path(self, model: str) -> str:
        return urlsplit(self.outputs["models"][model]["predictUrl"]).path

    def target(self, model: str, asked: Any) -> str:
        """Path and query of the question's GET."""
        return f"{self.path(model)}?input={encoded(json_bytes(asked))}"

    def url(self, model: str) -> str:
        """The model at the edge."""
        return f"{self.edge}{self.path(model)}"

    @property
    def host(self) -> str:
        """The edge's own name, which callers send as Host."""
        return urlsplit(self.outputs["models"][SHARED]["edgeUrl"]).netloc

    def token(self, model: str) -> str:
        return self.outputs["models"][model]["versionToken"]

    def key(self, consumer: str) -> str:
        return self.outputs["consumerKeys"][consumer]

    def origin_secrets(self) -> list[str]:
        """Both secrets of the edge, from the state: no output has them."""
        found = [one for one in self._resources() if "-edge-secret-" in one.name and one.custom]
        return [one.outputs["result"].value for one in found]

    def inputs(self, kind: str) -> dict[str, Any]:
        """The inputs of the deployed resources of a type, such as `PublicKey`, by id."""
        return {one.id: one.inputs for one in self._resources() if one.type.endswith(f":{kind}")}

    def fate(self, model: str, headers: Headers, otherwise: Fate = Fate.SHARED) -> Fate:
        """What a GET with these headers comes to; otherwise: at an edge that looks at all headers itself."""
        sites = len(MODELS[model]["access"].get("cors", {}).get("origins", []))
        return self.kind.fate(headers, otherwise=otherwise, sites=sites)

    def get(
        self,
        model: str,
        asked: Any = None,
        *,
        headers: Headers = (),
        query: str | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """GET at the edge; `body` is the JSON text where `asked` cannot say it, `query` replaces it all."""
        wanted = query if query is not None else f"input={encoded(json_bytes(asked) if body is None else body)}"
        return self.send("GET", f"{self.path(model)}?{wanted}", headers=headers)

    def post(
        self, model: str, asked: Any = None, *, headers: Headers = (), body: bytes | None = None, at: str | None = None
    ) -> Answer:
        given = [("Content-Type", "application/json"), *headers]
        sent = json_bytes(asked) if body is None else body
        return self.send("POST", self.path(model), headers=given, body=sent, at=at)

    def send(
        self, method: str, target: str, *, headers: Headers = (), body: bytes | None = None, at: str | None = None
    ) -> Answer:
        """This very request, by default to the edge."""
        given = list(headers)
        if not any(name.lower() == "host" for name, _ in given):
            given.insert(0, ("Host", self.host))
        status, pairs, content = exchange(at or self.edge, method, target, given, body)
        found = joined(pairs)
        return Answer(status, found, content, self.kind)

    def _config(self) -> dict[str, Any]:
        edge = {
            "provider": self.kind.name,
            **self.kind.edge,
            "origin": {"domain": "localhost", "protocol": "http", "port": urlsplit(self.gateway).port},
        }
        models = []
        for name, rules in MODELS.items():
            rules = _merged(
                _merged(dict(self.kind.models), {**rules, "cache": {"ttlSeconds": TTL_SECONDS, **rules["cache"]}}),
                self._changes.get(name, {}),
            )
            models.append({"name": name, "version": self.version, "endpoint": self.model.url, **_LIMITS, **rules})
        return {
            **self.kind.stack_config(self.edge_admin),
            "kong:kongAdminUri": self.gateway_admin,
            "inference-edge:gatewayUrl": self.gateway,
            "inference-edge:edge": _merged(edge, self._changes.get("edge", {})),
            "inference-edge:models": models,
            "inference-edge:consumers": [{"name": name} for name in CONSUMERS],
        }

    def _resources(self) -> list[ResourceState]:
        [path] = (self._state_dir / "inference-edge").glob(f"{_STACK}.json")
        store = StateStore.load(path, passphrase=None, salt_line=None, key_file=self._state_dir / "key")
        return list(store.resources.values())


@contextlib.contextmanager
def running_chain(kind: EdgeUnderTest, scratch: Path, **changes: Any) -> Iterator[Chain]:
    """A deployed chain; changes as for `redeploy`."""
    ports = ["--admin", "127.0.0.1:0", "--proxy", "127.0.0.1:0"]
    with contextlib.ExitStack() as stack:
        models = [stack.enter_context(recording_model(version)) for version in ("1", "2")]
        processes = {
            name: ReadyProcess(name, module, ports, scratch)
            for name, module in (("gateway", "local.kong"), ("edge", "local.edge"))
        }
        for process in processes.values():
            stack.callback(process.stop)
        addresses = {name: _addresses(process) for name, process in processes.items()}
        chain = Chain(kind, addresses, models, scratch)
        chain.redeploy(**changes)
        yield chain


def _addresses(process: ReadyProcess) -> dict[str, str]:
    until(lambda: process.ready() is not None, f"{process.name} is ready")
    return process.ready() or {}


def _merged(base: Any, change: Any) -> Any:
    """Objects member by member, everything else replaced."""
    if isinstance(base, dict) and isinstance(change, dict):
        return {**base, **{name: _merged(base.get(name), value) for name, value in change.items()}}
    return change
