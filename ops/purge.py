"""Purging a model: no answer given so far is given again, and the edge and the shared cache let go of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from local.deploy import engine_name, open_engine, operate
from ops.cache_server import CacheServerError
from ops.deployed_route import DeployedRoute
from ops.edges import Edge, EdgeError
from ops.generation import bump_generation
from ops.stored_answers import StoredAnswers


class NotFreedError(Exception):
    """What is purged still takes room somewhere; the text is for a person."""


@dataclass(frozen=True)
class Purge:
    """One model of one stack.

    Usage: ``Purge(Path("."), Path(".state"), "dev", "digits", 60).run("inference-edge", "/digits/predict", edge, out)``

    The generation in the key makes every answer unreachable, at Kong and at the edge, once `up` has ended; what the
    edge and the shared cache hold is then only dead weight, which is freed. Raises GenerationError (nothing has
    changed), EngineError (the stack file has the new generation: `up` again) and NotFreedError (purged, not freed).
    """

    project_dir: Path
    state_dir: Path
    stack: str
    model: str
    limit_seconds: float

    def run(self, project: str, path: str, edge: Edge | None, console: Console) -> None:
        name = f"Pulumi.{self.stack}.yaml"
        bumped = bump_generation(self.project_dir / name, project, self.model)
        console.print(f"{name}: generation of {self.model} {bumped.before} -> {bumped.after}; commit this change")
        operate("up", self.stack, console, project_dir=self.project_dir, state_dir=self.state_dir)
        kept = [*self._keeps_at_the_edge(path, edge, console), *self._keeps_in_the_shared_cache(console)]
        if kept:
            raise NotFreedError(f"the model is purged: no old answer can be given any more. {' '.join(kept)}")

    def free(self, console: Console) -> None:
        """Only what the shared cache holds of older generations than the deployed one. Raises NotFreedError."""
        kept = self._keeps_in_the_shared_cache(console)
        if kept:
            raise NotFreedError(" ".join(kept))

    def _keeps_at_the_edge(self, path: str, edge: Edge | None, console: Console) -> list[str]:
        if edge is None:
            return []
        try:
            freed = edge.free(self._outputs()["edgeId"], model=self.model, path=path)
        except EdgeError as error:
            reason = f"because it did not take the invalidation: {error}"
            return [f"The edge keeps their objects until they expire, {reason}"]
        console.print(f"the edge frees {freed}")
        return []

    def _keeps_in_the_shared_cache(self, console: Console) -> list[str]:
        route = DeployedRoute.find(self.project_dir, self.state_dir, self.stack, self.model)
        if route is None or route.searchable is None:
            return []
        stored = StoredAnswers(route.searchable, self.model, self.limit_seconds)
        again = f"to free them: make purge STACK={self.stack} MODEL={self.model} OLD=1"
        try:
            removal = stored.remove_generations_below(route.generation, console)
        except CacheServerError as error:
            return [f"The shared cache keeps them until they expire, because {error}; {again}"]
        console.print(f"the shared cache frees {removal.removed} names of older generations")
        if not removal.complete:
            return [f"The shared cache keeps more until they expire: {self.limit_seconds:g} s were over; {again}"]
        return []

    def _outputs(self) -> dict[str, Any]:
        engine = engine_name(self.stack, self.state_dir)
        return open_engine(engine, self.stack, self.state_dir, project_dir=self.project_dir).outputs()
