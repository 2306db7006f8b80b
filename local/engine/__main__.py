"""``python -m local.engine up|preview|refresh|destroy|outputs --stack dev``."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from local.engine import EmbeddedEngine, EngineError, Event, Result
from local.engine.rendering import Rendering


def main(arguments: list[str] | None = None) -> int:
    """Run one operation; 0 when it went well, 1 with the reason on stderr."""
    options = _parse(arguments)
    rendering, messages = Rendering(Console()), Rendering(Console(stderr=True))

    def on_event(event: Event) -> None:
        (messages if options.json or event.kind == "log" else rendering).event(event)

    quiet = options.operation == "preview"
    engine = EmbeddedEngine(
        project_dir=options.project_dir,
        stack=options.stack,
        state_dir=options.project_dir / ".state",
        on_event=(lambda event: on_event(event) if event.kind == "log" else None) if quiet else on_event,
        policy_pack=options.policy_pack,
        policy_pack_config=options.policy_pack_config,
    )
    try:
        if options.operation == "outputs":
            print(json.dumps(engine.outputs(show_secrets=options.show_secrets), indent=2, sort_keys=True))
            return 0
        result: Result = getattr(engine, options.operation)()
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; run it again to go on", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(_document(result, options.show_secrets), indent=2))
        return 0
    if options.operation == "preview":
        rendering.changes(result)
    rendering.summary(result, show_secrets=options.show_secrets, planned=options.operation == "preview")
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.engine",
        description="Deploy a stack without the pulumi CLI; for trying out and for tests.",
    )
    parser.add_argument("operation", choices=["up", "preview", "refresh", "destroy", "outputs"])
    parser.add_argument("--stack", required=True, help="the stack; its config is in Pulumi.<stack>.yaml")
    parser.add_argument("--project-dir", type=Path, default=Path("."), help="the folder of Pulumi.yaml")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--policy-pack", type=Path, help="the folder of a policy pack that preview and up run")
    parser.add_argument("--policy-pack-config", type=Path, help="a JSON file with the config of the policy pack")
    parser.add_argument("--show-secrets", action="store_true", help="print secret outputs in clear")
    return parser.parse_args(arguments)


def _document(result: Result, show_secrets: bool) -> dict[str, object]:
    return {
        "changes": result.changes,
        "steps": [asdict(step) for step in result.steps],
        "outputs": result.outputs_with(show_secrets=show_secrets),
    }


if __name__ == "__main__":
    sys.exit(main())
