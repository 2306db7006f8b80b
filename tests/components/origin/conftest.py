"""Fixtures of the origin's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.components.origin.aws_stack import AwsStack


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AwsStack:
    """A stack of its own for each test, with AWS in memory."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    return AwsStack(tmp_path)
