"""What a check found, and how it is shown.

Usage::

    report = Report("dev", "http://127.0.0.1:8001", "3.9.1", (Finding("dictionary", "does not exist", "set ..."),))
    print_report(report, Console())
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

from rich.console import Console
from rich.text import Text

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One thing that stands in the way (error) or deserves a look (warning), and what to do about it."""

    check: str
    message: str
    fix: str = ""
    level: Level = "error"


@dataclass(frozen=True)
class Report:
    """Everything found about one Kong for one stack. ``version`` is empty when Kong did not tell it."""

    stack: str
    admin_uri: str
    version: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """No errors; warnings may remain."""
        return all(finding.level != "error" for finding in self.findings)


def report_json(report: Report) -> str:
    """The report as one JSON object: stack, admin_uri, version, ok, findings."""
    return json.dumps({**asdict(report), "ok": report.ok}, indent=2)


def print_report(report: Report, console: Console) -> None:
    """The report for a person: errors first, each with its fix below."""
    kong = f"Kong {report.version}".strip()
    errors = sum(finding.level == "error" for finding in report.findings)
    if report.ok:
        console.print(Text(f"{kong} at {report.admin_uri} is ready for stack {report.stack}.", "green"))
    else:
        count = "1 problem" if errors == 1 else f"{errors} problems"
        console.print(Text(f"{kong} at {report.admin_uri} is not ready for stack {report.stack}: {count}.", "red"))
    for finding in sorted(report.findings, key=lambda finding: finding.level):
        mark, style = ("x", "red") if finding.level == "error" else ("!", "yellow")
        console.print(Text.assemble("  ", (f"{mark} {finding.check}: ", style), finding.message))
        if finding.fix:
            console.print(Text(f"      {finding.fix}", "dim"))
