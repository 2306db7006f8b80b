"""python -m local.bench [--stack dev] [--out out]: what the key, a preview, a hit and a miss cost on this machine."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from local.bench.key import measure_key
from local.bench.preview import measure_previews
from local.bench.traffic import measure_traffic
from local.engine import EngineError
from local.stack_file import StackFileError
from local.world import WorldError


def main() -> int:
    """Measure, print one table for each part, and write bench.json."""
    arguments = _arguments()
    console = Console(highlight=False)
    parts = {
        "prediction key, per call under LuaJIT": measure_key,
        "preview in the embedded engine": lambda: measure_previews(arguments.stack),
        "requests through the local gateway": lambda: measure_traffic(arguments.stack),
    }
    report: dict[str, Any] = {}
    try:
        for title, measure in parts.items():
            with console.status(f"{title} …"):
                report[title] = measure()
            console.print(f"[bold]{title}[/]", _table(report[title]), sep="\n")
    except (EngineError, StackFileError, WorldError, RuntimeError) as error:
        print(f"bench failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench interrupted", file=sys.stderr)
        return 130
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "bench.json").write_text(json.dumps(report, indent=1))
    console.print(f"{arguments.out / 'bench.json'}")
    return 0


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in rows[0]:
        table.add_column(heading.replace("_", " "), justify="left" if isinstance(rows[0][heading], str) else "right")
    for row in rows:
        table.add_row(*(f"{value:,}" if isinstance(value, int | float) else str(value) for value in row.values()))
    return table


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.bench", description="What the parts cost on this machine.")
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of bench.json")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
