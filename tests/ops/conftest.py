"""A project folder whose stack file a test writes, with nothing of the caller's environment."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("KONG_ADMIN_TOKEN", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "Pulumi.yaml").write_text("name: inference-edge\nruntime: python\n")
    return tmp_path
