"""The state that another version of the program would leave, without anything being deployed."""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from local import PROJECT_DIR
from local.engine import EmbeddedEngine, EngineError
from local.engine.guard import Guard
from local.engine.providers.registry import ProviderRegistry

_DEFAULTS = ("origin/main", "main", "HEAD")


class NotThereError(EngineError):
    """What is to be compared does not exist; the text is for a person."""


class _Pretending(EmbeddedEngine):
    """Takes what a preview plans for done; what only a provider can tell stays unknown."""

    def pretend(self) -> None:
        """Write the state."""
        project = self._load_project()
        store = self._load_state(project)
        with ProviderRegistry(project.config, self._factories) as registry:
            self._run(project, self._deployment(project, store, registry, Guard(lambda _: None), preview=True))
        store.fold()


@contextlib.contextmanager
def deployed_before(project_dir: Path, stack: str, base: str) -> Iterator[Path]:
    """A state folder in which the stack is deployed by the version `base` of git; empty if that has no such stack.

    The older program runs in a process of its own, as its modules have the names of the present ones. Raises
    NotThereError when git does not know the version, EngineError when its program does not run here.
    """
    archive = _git(project_dir, "archive", "--format=tar", f"{base}^{{commit}}")
    with tempfile.TemporaryDirectory(prefix="inference-edge-") as folder:
        program, state = Path(folder, "program"), Path(folder, "state")
        program.mkdir()
        subprocess.run(["tar", "-x", "-C", str(program)], input=archive, check=True)
        if (program / f"Pulumi.{stack}.yaml").is_file():
            command = [sys.executable, "-m", "ops.deployed_before", str(program), stack, str(state)]
            done = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True)
            if done.returncode:
                raise EngineError(f"the program of {base} cannot be previewed here: {done.stderr.strip()}")
        yield state


def default_base(project_dir: Path) -> str:
    """The first of origin/main, main and HEAD that git knows. Raises EngineError outside a repository."""
    for name in _DEFAULTS:
        with contextlib.suppress(EngineError):
            _git(project_dir, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
            return name
    raise EngineError(f"{project_dir.resolve()} is no git repository with a commit: there is nothing to compare with")


def _git(project_dir: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(project_dir), *arguments], capture_output=True)
    except OSError as error:
        raise EngineError(f"git cannot be run: {error.strerror}") from None
    if done.returncode:
        raise NotThereError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def main() -> int:
    """Write the state that a program would leave."""
    parser = argparse.ArgumentParser(prog="python -m ops.deployed_before", description=__doc__)
    parser.add_argument("program", type=Path, help="the folder of Pulumi.yaml")
    parser.add_argument("stack")
    parser.add_argument("state", type=Path, help="the folder that gets the state")
    arguments = parser.parse_args()
    try:
        _Pretending(arguments.program, arguments.stack, arguments.state).pretend()
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
