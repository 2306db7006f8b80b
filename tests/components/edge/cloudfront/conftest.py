"""Fixtures of the edge's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.components.edge.cloudfront.memory_aws import EdgeStack


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EdgeStack:
    """A stack of its own for each test, with AWS in memory; sealed by a key file."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    return EdgeStack(tmp_path)
