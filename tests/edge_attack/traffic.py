"""Callers that ask and ask, while something else happens."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from tests.edge_attack.chain import PRIVATE, SHARED, Chain, question, until
from tests.edge_attack.wire import Answer

_THREADS = 4
_EACH_PHASE = 40  # answers before and after what happens, so that there is traffic to compare
_EACH_GATEWAY_CHANGE, _EACH_EDGE_CHANGE = 10, 2
_REPEATED = 8
_TENANTS = (None, "a", "b")


@dataclass(frozen=True)
class Asked:
    """A question, by whom and how, and its answer."""

    model: str
    question: dict[str, Any]
    tenant: str | None
    answer: Answer

    @property
    def is_own(self) -> bool:
        """A prediction for this question and this tenant, of whatever version."""
        document = self.answer.document
        return (
            self.answer.status == 200
            and self.answer.is_prediction
            and document["question"] == self.question
            and document["saw"].get("x-tenant") == self.tenant
        )

    @property
    def version(self) -> str:
        return self.answer.document["version"]

    def again(self, chain: Chain) -> Asked:
        return ask(chain, self.model, self.question, self.tenant)


def ask(chain: Chain, model: str, asked: dict[str, Any], tenant: str | None = None) -> Asked:
    headers = [("x-tenant", tenant)] if tenant else []
    if model == PRIVATE:
        return Asked(model, asked, tenant, chain.post(model, asked, headers=[("apikey", chain.key("web")), *headers]))
    return Asked(model, asked, tenant, chain.get(model, asked, headers=headers))


@dataclass
class Traffic:
    """Traffic as a context: starts before the block, ends after it, and raises what a caller met.

    with Traffic(chain) as traffic:
        traffic.change(version="2")
    assert all(one.is_own for one in traffic.asked)

    Some questions are asked again and again, others once, of a shared and of a private model. `late` has those that
    were asked when the first `change` had returned.
    """

    chain: Chain
    asked: list[Asked] = field(default_factory=list)
    late: list[Asked] = field(default_factory=list)
    _changed: threading.Event = field(default_factory=threading.Event)
    _failures: list[BaseException] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Traffic:
        self._repeated = [question() for _ in range(_REPEATED)]
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(_THREADS)]
        for thread in self._threads:
            thread.start()
        self.wait_for_more()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.wait_for_more()
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()
        if self._failures:
            raise self._failures[0]

    def wait_for_more(self, count: int = _EACH_PHASE) -> None:
        """Until so many questions have been answered from now on."""
        wanted = len(self.asked) + count
        until(lambda: len(self.asked) >= wanted or bool(self._failures), "traffic is answered")

    def change(self, **changes: Any) -> None:
        """Redeploy with questions between the single changes, and an edge that would be first if it were not told."""
        with self.chain.changing_slowly(
            lambda: self.wait_for_more(_EACH_GATEWAY_CHANGE), lambda: self.wait_for_more(_EACH_EDGE_CHANGE)
        ):
            self.chain.redeploy(**changes)
        self._changed.set()

    def _run(self, number: int) -> None:
        choice = random.Random(number)
        try:
            while not self._stop.is_set():
                asked = choice.choice(self._repeated) if choice.random() < 0.5 else question()
                model = choice.choice((SHARED, PRIVATE))
                late = self._changed.is_set()
                one = ask(self.chain, model, asked, choice.choice(_TENANTS) if model == SHARED else None)
                self.asked.append(one)
                if late:
                    self.late.append(one)
        except BaseException as failure:  # noqa: BLE001 raised where the traffic was started
            self._failures.append(failure)
