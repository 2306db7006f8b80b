"""Purging one question: the answers to it are removed, those to all others stay."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from components.prediction_key import NotCacheable, input_digest
from local.deploy import engine_name, open_engine
from ops.cache_server import CacheServer, CacheServerError
from ops.deployed_route import DeployedRoute
from ops.edges import Edge
from ops.stored_answers import StoredAnswers


class NotPossibleError(Exception):
    """The stack's store has no such purge; the text is for a person and says what there is instead."""


class NotRemovedError(Exception):
    """Answers may be left; the text is for a person."""


@dataclass(frozen=True)
class QuestionPurge:
    """Of one model of one stack, whoever asked and whatever the other headers were.

    Usage: ``QuestionPurge(Path("."), Path(".state"), "dev", "digits", 60).run(body, "/digits/predict", edge, console)``

    What the model is being asked at this moment is stored afterwards. Raises NotPossibleError, NotRemovedError,
    EngineError, and EdgeError when only the edge still has a copy.
    """

    project_dir: Path
    state_dir: Path
    stack: str
    model: str
    limit_seconds: float

    def run(self, body: bytes, path: str, edge: Edge | None, console: Console) -> None:
        route = self._route()
        cache = self._searchable(route)
        rules: Any = route  # has the profile and the excluded fields, which is all that it takes
        try:
            question = input_digest(rules, route.secret, body)
        except NotCacheable as error:
            raise NotRemovedError(f"this is no question that is cached: {error}") from None
        self._remove(StoredAnswers(cache, self.model, self.limit_seconds), question, console)
        if edge is not None and route.shareable:
            engine = open_engine(
                engine_name(self.stack, self.state_dir), self.stack, self.state_dir, project_dir=self.project_dir
            )
            freed = edge.free(engine.outputs()["edgeId"], model=self.model, path=path)
            console.print(f"the edge, which knows no questions, frees {freed}")

    def _remove(self, stored: StoredAnswers, question: str, console: Console) -> None:
        try:
            removal = stored.remove_question(question, console)
        except CacheServerError as error:
            raise NotRemovedError(str(error)) from None
        console.print(f"the shared cache frees {removal.removed} answers to this question")
        if not removal.complete:
            more = f"LIMIT_SECONDS={2 * self.limit_seconds:g}"
            raise NotRemovedError(f"{self.limit_seconds:g} s were over, more may be left; again with more time: {more}")

    def _route(self) -> DeployedRoute:
        route = DeployedRoute.find(self.project_dir, self.state_dir, self.stack, self.model)
        if route is None:
            raise NotRemovedError(f"{self.model} is not deployed here in stack {self.stack}")
        return route

    def _searchable(self, route: DeployedRoute) -> CacheServer:
        if route.searchable is not None:
            return route.searchable
        if not route.secret:
            raise NotPossibleError(f"nothing of {self.model} is cached")
        instead = f"purge the whole model: make purge STACK={self.stack} MODEL={self.model}"
        if route.store == "redis":
            raise NotPossibleError(f"Kong Enterprise's names in the shared cache do not tell the question; {instead}")
        raise NotPossibleError(f"only store redis can be searched for a question, not {route.store}; {instead}")
