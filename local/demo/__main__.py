"""python -m local.demo [--stack dev] [--latency-seconds 1] [--requests 100] [--out out]: the main job, end to end."""

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
from local.bench.comparison import DesignComparison
from local.bench.gateway_node import GatewayNode
from local.bench.load import LoadError
from local.demo.job import NEW_VERSION, OLD_VERSION, JobSettings, MainJob
from local.demo.page import render
from local.demo.progress import DemoProgress
from local.demo.table import show
from local.demo.verdict import verdict
from local.deploy import default_engine
from local.engine import EngineError
from local.stack_file import StackFile, StackFileError
from local.world import LocalWorld, WorldError

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
    settings = JobSettings(
        stack_file=StackFile(PROJECT_DIR, arguments.stack),
        stack=arguments.stack,
        engine=arguments.engine or default_engine(arguments.stack),
        requests=arguments.requests,
        clients=arguments.clients,
        latency_seconds=arguments.latency_seconds,
    )
    console.print(f"[bold]inference-edge demo[/]: stack {settings.stack}, {settings.engine} engine")
    report = _report(settings, DemoProgress(console))
    report["seconds"]["total"] = round(time.perf_counter() - started, 1)
    checks = verdict(report)
    report["checks"] = [{"claim": check.claim, "holds": check.holds} for check in checks]
    _write(arguments.out, report, render(report, checks))
    show(report, checks, console)
    console.print(f"  {arguments.out / 'demo.html'}  {arguments.out / 'demo.json'}")
    return 0 if all(check.holds for check in checks) else 1


def _report(settings: JobSettings, progress: DemoProgress) -> dict[str, Any]:
    with ExitStack() as cleanup:
        state_dir = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="inference-edge-"))
        world = _world(settings)
        with progress.step(f"start {_parts(settings.stack_file)}"):
            cleanup.enter_context(world)
        try:
            report = MainJob(settings, world, Path(state_dir), progress).run()
            if world.redis_url:
                node = GatewayNode(world.admin, world.proxy, is_real=False)
                report["comparison"] = DesignComparison(world, node, settings.latency_seconds, progress.step).run()
        except _FAILURES:
            world.check()
            raise
        report["versions"] = _versions(settings.engine)
        return report


def _world(settings: JobSettings) -> LocalWorld:
    stack_file = settings.stack_file
    is_shared = stack_file.redis_port is not None
    return LocalWorld(
        {OLD_VERSION: 0, NEW_VERSION: 0},
        settings.latency_seconds,
        edge_ports=(0, 0) if stack_file.edge_port else None,
        node_ports=(0,) if is_shared else (),
        redis_port=0 if is_shared else None,
        # The CLI reads its config from a file, where a password would have to be encrypted.
        redis_password="" if settings.engine == "pulumi" else None,
    )


def _parts(stack_file: StackFile) -> str:
    gateway = "two gateway nodes, Valkey" if stack_file.redis_port else "the gateway"
    return f"{gateway}{', the edge' if stack_file.edge_port else ''} and two versions of the model"


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
    parser = argparse.ArgumentParser(prog="python -m local.demo", description="The main job, end to end.")
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--latency-seconds", type=float, default=1.0, help="added to every prediction (default 1)")
    parser.add_argument("--requests", type=int, default=100, help="predictions for each way (default 100)")
    parser.add_argument("--clients", type=int, default=4, help="clients at once (default 4)")
    parser.add_argument("--engine", choices=["pulumi", "embedded"], help="default: pulumi when it is on PATH")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of demo.json and demo.html")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
