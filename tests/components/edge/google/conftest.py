"""Fixtures of the edges on Google Cloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.components.edge.google.memory_gcp import GcpStack


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GcpStack:
    """A stack of its own for each test, with Google Cloud in memory; sealed by a key file."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    return GcpStack(tmp_path)
