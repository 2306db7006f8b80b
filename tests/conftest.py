"""The option --update-golden, its fixture, and what is printed at the end: what tests tell, why some were skipped."""

from __future__ import annotations

import collections
import difflib
from collections.abc import Callable
from pathlib import Path

import pytest

_LINES_SHOWN = 80
_TOLD = "told"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files instead of comparing them")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """golden(path, text) fails unless the file holds exactly the text; with --update-golden it writes the file."""
    update = request.config.getoption("--update-golden")

    def compare(path: Path, text: str) -> None:
        if update:
            path.write_text(text, encoding="utf-8")
            return
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        if text != expected:
            diff = list(difflib.unified_diff(expected.splitlines(), text.splitlines(), str(path), "now", lineterm=""))
            more = [f"... {len(diff) - _LINES_SHOWN} lines more"] if len(diff) > _LINES_SHOWN else []
            hint = "if this change is meant, run pytest with --update-golden and review the difference"
            pytest.fail("\n".join([*diff[:_LINES_SHOWN], *more, hint]), pytrace=False)

    return compare


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """tell(heading, *lines) prints them at the end of the run, below one heading for all tests that have the same."""
    return lambda heading, *lines: record_property(_TOLD, [heading, *lines])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    told: dict[str, list[str]] = {}
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        for heading, *lines in (value for name, value in report.user_properties if name == _TOLD):
            told.setdefault(heading, []).extend(lines)
    for heading, lines in told.items():
        for line in [heading, *lines]:
            terminalreporter.write_line(line)
    reasons = collections.Counter(report.longrepr[2] for report in terminalreporter.getreports("skipped"))
    for reason, count in reasons.items():
        terminalreporter.write_line(f"{count} tests {reason[0].lower()}{reason[1:]}")
