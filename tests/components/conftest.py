"""Fixtures of the components' tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.components.trial_stack import TrialStack


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrialStack:
    """A stack of its own for each test; sealed by a key file, which is much faster than a passphrase."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    return TrialStack(tmp_path)
