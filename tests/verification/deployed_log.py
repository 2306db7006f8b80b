"""The deployed log phase of a verified model, and the model that it asks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from components.prediction_key import KeySettings
from tests.verification.lua_parts import SECRET, SETTINGS, LuaParts, verification

Answers = bytes | Sequence[bytes | None]
Headers = Mapping[str, str | list[str]]


def response(body: bytes | None) -> bytes:
    """An answer of the model; None: an error of the gateway's."""
    if body is None:
        return b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class DeployedLog:
    """log = DeployedLog(share=0.5); log.hit(b'{"q":1}', served=b"4", now=b"4"); log.metric("verified_total", "same")"""

    def __init__(self, parts: LuaParts | None = None, settings: KeySettings = SETTINGS, **changes: Any) -> None:
        self.parts = parts or LuaParts()
        self.state = self.parts.state
        self.settings = settings
        self.phases = verification(**changes).phases(settings, SECRET)
        self.on_the_way: Callable[[], None] = self.parts.run(self.phases["access"][0])
        self.phase: Callable[[], None] = self.parts.run(self.phases["log"][0])
        self.state[b"var"] = self.parts.table({"server_addr": "127.0.0.1", "server_port": "8000", "scheme": "http"})

    def after(self, **changes: Any) -> DeployedLog:
        """The log phase of the next version or generation, on the same node."""
        return DeployedLog(self.parts, dataclasses.replace(self.settings, **changes))

    def is_off(self) -> Any:
        """The cause that this generation's cache is off, if it is."""
        return self.parts.load({"C": self.settings.lua_values()}, "verification/off", gives="C.is_off")()

    def hit(
        self, body: bytes | None = b"{}", served: bytes = b"1", now: Answers = b"1", headers: Headers | None = None
    ) -> None:
        """A hit that was answered with `served`, while the model would say `now`, one after the other."""
        self.begin(body, served, now, headers)
        self.finish()

    def begin(self, body: bytes | None, served: bytes, now: Answers = b"1", headers: Headers | None = None) -> None:
        answers = [now] if isinstance(now, bytes) else [*now]
        self.state[b"answer"] = lambda: response(answers.pop(0) if len(answers) > 1 else answers[0])
        self.request({"outcome": "hit", "served": served}, body, headers)

    def request(
        self, prediction: Mapping[str, Any] | None, body: bytes | None = b"{}", headers: Headers | None = None
    ) -> None:
        """The log phase of a request; what it leaves to do waits for `finish`."""
        self.state[b"ctx"] = self.parts.table({"prediction": self.parts.table(prediction)} if prediction else {})
        sent = {
            name: self.parts.table(value) if isinstance(value, list) else value
            for name, value in (headers or {}).items()
        }
        self.state[b"headers"], self.state[b"body"] = self.parts.table(sent), body
        self.phase()

    def finish(self, *, premature: bool = False) -> int:
        """What was left to do after the request is done, and the pace is over; gives how many there were."""
        timers = [*self.state[b"timers"].values()]
        self.state[b"timers"] = self.parts.table([])
        for work in timers:
            work(premature)
        self.parts.wait(1)
        return len(timers)

    def metric(self, name: str, *labels: str) -> float:
        """A series of the model."""
        return self.parts.metric(name, "digits", *labels)

    def verified(self) -> dict[str, int]:
        """The outcomes that were counted."""
        names = ("same", "wrong", "nondeterministic", "failed")
        counted = {name: int(self.metric("verified_total", name)) for name in names}
        return {name: count for name, count in counted.items() if count}

    @property
    def sent(self) -> list[bytes]:
        """The questions that were sent, whole."""
        return [socket["sent"] for socket in self.parts.sockets if "sent" in socket]
