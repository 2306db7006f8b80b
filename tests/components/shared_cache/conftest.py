"""Fixtures of the shared cache's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.components.trial_stack import TrialStack


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrialStack:
    """A stack that has AWS and Google Cloud, too."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    stack = TrialStack(tmp_path)
    (tmp_path / "Pulumi.test.yaml").write_text("config: {aws:region: eu-west-1, gcp:project: shop}\n")
    return stack
