"""Purging a model: no answer given so far is given again, and the edge lets go of what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from local.deploy import engine_name, open_engine, operate
from ops.edges import Edge
from ops.generation import bump_generation


@dataclass(frozen=True)
class Purge:
    """One model of one stack.

    Usage: ``Purge(Path("."), Path(".state"), "dev", "digits").run("inference-edge", "/digits/predict", edge, console)``

    The generation in the key makes every answer unreachable, at Kong and at the edge, once `up` has ended; what the
    edge holds is then only dead weight, which it is asked to free. Raises GenerationError
    (nothing has changed), EngineError (the stack file has the new generation: `up` again) and EdgeError (purged, but
    not freed).
    """

    project_dir: Path
    state_dir: Path
    stack: str
    model: str

    def run(self, project: str, path: str, edge: Edge | None, console: Console) -> None:
        name = f"Pulumi.{self.stack}.yaml"
        bumped = bump_generation(self.project_dir / name, project, self.model)
        console.print(f"{name}: generation of {self.model} {bumped.before} -> {bumped.after}; commit this change")
        operate("up", self.stack, console, project_dir=self.project_dir, state_dir=self.state_dir)
        if edge is not None:
            freed = edge.free(self._outputs()["edgeId"], model=self.model, path=path)
            console.print(f"the edge frees {freed}")

    def _outputs(self) -> dict[str, Any]:
        engine = engine_name(self.stack, self.state_dir)
        return open_engine(engine, self.stack, self.state_dir, project_dir=self.project_dir).outputs()
