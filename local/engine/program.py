"""Runs a Pulumi program with the real SDK against this engine's monitor."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import runpy
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import run_in_stack, set_all_config
from pulumi.runtime.settings import Settings, configure

from local.engine.deployment import Deployment
from local.engine.errors import EngineError
from local.engine.monitor import EngineLog, ResourceMonitor

_FRAMES_SHOWN = 3
Program = Callable[[], Any]


def run_program(
    program: Program | None,
    project_dir: Path,
    deployment: Deployment,
    config: Mapping[str, str],
    secret_keys: list[str],
    parallel: int,
) -> None:
    """Run a callable, or the project's ``__main__.py``, until all its resources are registered.

    The program has a thread and an event loop of its own, so that Ctrl-C reaches the caller and never the SDK.
    Raises EngineError when the program fails; a failed step is the deployment's to report.
    """
    failures: list[BaseException] = []
    ended = threading.Event()  # a join() that Ctrl-C cuts off takes the thread for ended

    def run() -> None:
        try:
            _run_on_new_loop(program or _main_of(project_dir), project_dir, deployment, config, secret_keys, parallel)
        except BaseException as error:  # noqa: BLE001 reported below
            failures.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=run, name="pulumi-program", daemon=True)
    with _no_garbage_collection():
        thread.start()
        try:
            ended.wait()
        except KeyboardInterrupt:
            deployment.guard.cancel()
            ended.wait()
    deployment.guard.raise_failure()
    if failures:
        raise EngineError(_explain(failures[0], project_dir)) from failures[0]


def _main_of(project_dir: Path) -> Program:
    if not (project_dir / "__main__.py").is_file():
        raise EngineError(f"there is no {project_dir / '__main__.py'}: is {project_dir} the project folder?")

    def main() -> None:
        with _as_if_started_in(project_dir):
            runpy.run_path(str(project_dir / "__main__.py"), run_name="__main__")

    return main


def _run_on_new_loop(
    program: Program,
    project_dir: Path,
    deployment: Deployment,
    config: Mapping[str, str],
    secret_keys: list[str],
    parallel: int,
) -> None:
    configure(
        Settings(
            project=deployment.project,
            stack=deployment.stack,
            monitor=ResourceMonitor(deployment),
            engine=EngineLog(deployment),
            parallel=parallel,
            dry_run=deployment.preview,
            organization="organization",
            root_directory=str(project_dir),
        )
    )
    set_all_config(dict(config), secret_keys)
    # The SDK leaves tasks behind when a program fails; asyncio would print each of them.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    executor = ThreadPoolExecutor(max_workers=4 * parallel, thread_name_prefix="pulumi-step")
    loop.set_default_executor(executor)
    loop.set_exception_handler(lambda *_: None)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(run_in_stack(program))
    finally:
        executor.shutdown(wait=True)
        for task in asyncio.all_tasks(loop):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                loop.run_until_complete(task)
        asyncio.set_event_loop(None)
        loop.close()


@contextlib.contextmanager
def _as_if_started_in(project_dir: Path) -> Iterator[None]:
    """The folder and import path that ``python __main__.py`` would have."""
    path, folder = list(sys.path), os.getcwd()
    sys.path.insert(0, str(project_dir))
    os.chdir(project_dir)
    try:
        yield
    finally:
        sys.path[:] = path
        os.chdir(folder)


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """The SDK holds some 20 live tasks a resource; walking them again and again doubles the time of 1,000 resources."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _explain(error: BaseException, project_dir: Path) -> str:
    """What a failed program has to say, without the SDK's own frames."""
    if isinstance(error, pulumi.RunError | EngineError):
        return str(error)
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, str) else f"the program ended itself with exit code {error.code}"
    not_theirs = (str(Path(pulumi.log.__file__ or "").parent), str(Path(runpy.__file__).parent), __file__, "<frozen")
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(not_theirs)]
    where = [f"  {_short(frame.filename, project_dir)}:{frame.lineno} in {frame.name}" for frame in frames]
    return "\n".join([f"the program failed: {type(error).__name__}: {error}", *where[-_FRAMES_SHOWN:]])


def _short(filename: str, project_dir: Path) -> str:
    with contextlib.suppress(ValueError):
        return str(Path(filename).resolve().relative_to(project_dir.resolve()))
    return filename
