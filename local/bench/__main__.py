"""python -m local.bench [--stack dev] [--out out] [--only costs]: what the parts cost on this machine.

With KONG_ADMIN_URL and KONG_PROXY_URL the stores are measured on that Kong, which must run on this machine, too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from rich import box
from rich.console import Console
from rich.table import Table

from local.bench.cost_table import cost_table
from local.bench.key import measure_key
from local.bench.plan import measure_plan
from local.bench.preview import measure_previews
from local.bench.routing import measure_routing
from local.bench.shared import measure_costs, measure_designs
from local.bench.traffic import measure_traffic
from local.bench.verification import measure_verification
from local.demo.table import show_comparison
from local.engine import EngineError
from local.stack_file import StackFileError
from local.world import WorldError

_PARTS = ("key", "plan", "preview", "routing", "verification", "traffic", "designs", "costs")


def main() -> int:
    """Measure, print a table for each part, and write bench.json."""
    arguments = _arguments()
    console = Console(highlight=False)
    report: dict[str, Any] = {}
    try:
        for name in arguments.only or _PARTS:
            with console.status(f"{name} …"):
                measured = _measured(name, arguments.stack)
            report |= measured
            _show(name, measured, console)
    except (EngineError, StackFileError, WorldError, httpx.HTTPError, RuntimeError) as error:
        print(f"bench failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench interrupted", file=sys.stderr)
        return 130
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "bench.json").write_text(json.dumps(report, indent=1))
    console.print(f"{arguments.out / 'bench.json'}")
    return 0


def _measured(part: str, stack: str) -> dict[str, Any]:
    """Return what a part has measured, by its title in bench.json."""
    match part:
        case "key":
            return {"prediction key, per call under LuaJIT": measure_key()}
        case "plan":
            return {"ops plan for long logs": measure_plan()}
        case "preview":
            return {"preview in the embedded engine": measure_previews(stack)}
        case "routing":
            return {"the model chosen by path or by body": measure_routing()}
        case "verification":
            return {"hits of a model some of whose hits are verified": measure_verification()}
        case "traffic":
            return {"requests through the local gateway": measure_traffic(stack)}
        case "designs":
            return {"FastAPI with Redis and the stores": measure_designs()}
        case _:
            return {"cost of a hit by store and size": measure_costs()}


def _show(part: str, measured: Mapping[str, Any], console: Console) -> None:
    for title, found in measured.items():
        if part == "designs":
            show_comparison(found, console)
        elif part == "costs":
            console.print(cost_table(found))
        else:
            console.print(f"[bold]{title}[/]", _table(found), sep="\n")


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in rows[0]:
        table.add_column(heading.replace("_", " "), justify="left" if isinstance(rows[0][heading], str) else "right")
    for row in rows:
        table.add_row(*(f"{value:,}" if isinstance(value, int | float) else str(value) for value in row.values()))
    return table


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.bench", description="What the parts cost on this machine.")
    parser.add_argument("--only", action="append", choices=_PARTS, help="measure this part; may be repeated")
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of bench.json")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
