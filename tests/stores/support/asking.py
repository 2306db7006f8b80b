"""Asking a deployed model, and judging every answer."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path
from typing import Any

from local.engine import EmbeddedEngine
from tests.gateway.deployed import DeployedModel, Reply
from tests.gateway.model_server import ModelServer

_HEAL_SECONDS = 20.0


class Asking:
    """Questions to one model behind the gateway: every reply is judged, and none may be wrong or an error.

    Usage: ``reply, seconds = asking.ask({"x": 1})``; ``asking.calls`` is how often the model was asked.
    """

    def __init__(self, deployed: DeployedModel, model: ModelServer, folder: Path) -> None:
        self.deployed, self.model, self._folder = deployed, model, folder
        self._numbers = itertools.count(1)

    def next_number(self) -> int:
        """For a question that nobody has asked yet."""
        return next(self._numbers)

    @property
    def secret(self) -> str:
        """The model's own, which signs its entries."""
        engine = EmbeddedEngine(self._folder, self.deployed.name, self._folder / ".state")
        resources = engine.resources()
        (found,) = [item["outputs"]["base64"] for item in resources if item["type"].endswith(":RandomBytes")]
        return found

    @property
    def calls(self) -> int:
        return len(self.model.calls)

    def ask(self, question: Any) -> tuple[Reply, float]:
        """The reply, which is the right one, and the seconds that it took."""
        body = json.dumps(question).encode()
        started = time.monotonic()
        reply = self.deployed.ask(body=body)
        seconds = time.monotonic() - started
        assert reply.status == 200, reply
        assert reply.answer == self.model.answer_to(body), "another question's answer"
        return reply, seconds

    def ask_new(self) -> tuple[Reply, float]:
        """Ask what nobody has asked."""
        return self.ask({"new": self.next_number()})

    def wait_until_stored(self, question: Any) -> None:
        """Ask until the answer is a hit."""
        deadline = time.monotonic() + _HEAL_SECONDS
        while not self.ask(question)[0].hit:
            assert time.monotonic() < deadline, "the answer is never stored"
            time.sleep(0.05)
