"""python -m local.demo [--stack dev] [--latency-seconds 1] [--requests 100] [--out out]: a stack, end to end."""

from __future__ import annotations

import argparse
import json
import platform
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiohttp
import httpx
from rich.console import Console

from local import PROJECT_DIR
from local.bench.load import LoadError
from local.demo.cache_demo import CacheDemo
from local.demo.job import JobSettings
from local.demo.kind import DemoKind
from local.demo.pools.demo import PoolsDemo
from local.demo.pools.job import PoolsSettings
from local.demo.progress import DemoProgress
from local.deploy import EngineName, default_engine
from local.engine import EngineError
from local.stack_file import StackFile, StackFileError
from local.world import WorldError

_PACKAGES = ("pulumi", "pulumi-kong", "scikit-learn", "lupa")
_FAILURES = (
    EngineError,
    StackFileError,
    WorldError,
    LoadError,
    httpx.HTTPError,
    aiohttp.ClientError,
    OSError,
    BaseExceptionGroup,
)


def main() -> int:
    """Run the demo; exit code 0 only when everything that it must show holds."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _demo(arguments, Console(highlight=False))
    except _FAILURES as error:
        print(f"demo failed: {_words(error)}\nthe local world is stopped, its state removed", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo interrupted; the local world is stopped, its state removed", file=sys.stderr)
        return 130


def _demo(arguments: argparse.Namespace, console: Console) -> int:
    started = time.perf_counter()
    engine = arguments.engine or default_engine(arguments.stack)
    demo = _kind(arguments, engine)
    console.print(f"[bold]inference-edge demo[/]: stack {arguments.stack}, {engine} engine")
    report = _report(demo, DemoProgress(console))
    report["versions"] = _versions(engine)
    report["seconds"]["total"] = round(time.perf_counter() - started, 1)
    checks = demo.verdict(report)
    report["checks"] = [{"claim": check.claim, "holds": check.holds} for check in checks]
    _write(arguments.out, report, demo.page(report, checks))
    demo.show(report, checks, console)
    console.print(f"  {arguments.out / 'demo.html'}  {arguments.out / 'demo.json'}")
    return 0 if all(check.holds for check in checks) else 1


def _kind(arguments: argparse.Namespace, engine: EngineName) -> DemoKind:
    stack_file = StackFile(PROJECT_DIR, arguments.stack).require_local()
    common: dict[str, Any] = {
        "stack_file": stack_file,
        "stack": arguments.stack,
        "engine": engine,
        "latency_seconds": arguments.latency_seconds,
    }
    if stack_file.replicas:
        return PoolsDemo(PoolsSettings(**common, conversations=arguments.conversations))
    return CacheDemo(JobSettings(**common, requests=arguments.requests, clients=arguments.clients))


def _report(demo: DemoKind, progress: DemoProgress) -> dict[str, Any]:
    with ExitStack() as cleanup:
        state_dir = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="inference-edge-"))
        world = demo.world()
        with progress.step(f"start {demo.parts}"):
            cleanup.enter_context(world)
        try:
            return demo.run(world, Path(state_dir), progress)
        except _FAILURES:
            world.check()
            raise


def _versions(engine: str) -> dict[str, str]:
    installed = {name: version(name) for name in _PACKAGES}
    machine = f"{platform.system()} {platform.machine()}"
    return {"engine": engine, "python": platform.python_version(), **installed, "machine": machine}


def _write(out: Path, report: dict[str, Any], page: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "demo.json").write_text(json.dumps(report, indent=1))
    (out / "demo.html").write_text(page)


def _words(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.demo", description="A stack on one machine, end to end.")
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--latency-seconds", type=float, default=1.0, help="added to every prediction (default 1)")
    parser.add_argument("--requests", type=int, default=100, help="predictions for each way (default 100)")
    parser.add_argument("--clients", type=int, default=4, help="clients at once (default 4)")
    parser.add_argument("--conversations", type=int, default=128, help="with pools: how many are held (default 128)")
    parser.add_argument("--engine", choices=["pulumi", "embedded"], help="default: pulumi when it is on PATH")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of demo.json and demo.html")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
