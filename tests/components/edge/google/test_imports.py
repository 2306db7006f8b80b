"""A stack with one cloud's edge needs no other cloud's SDK."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
SDKS = ("pulumi_aws", "pulumi_gcp")


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("components.edge", []),
        ("components.edge.google.arguments", []),
        ("components.edge.google.unkeyed_headers", []),
        ("components.edge.google.checks", []),
        ("components.edge.cloudfront", ["pulumi_aws"]),
        ("components.edge.media_cdn", ["pulumi_gcp"]),
        ("components.edge.cloud_cdn", ["pulumi_gcp"]),
    ],
)
def test_an_edge_imports_its_own_clouds_sdk_alone(module: str, expected: list[str]) -> None:
    script = f"import sys, {module}\nprint(*sorted(name for name in {SDKS} if name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == expected
