"""A stack that an earlier version deployed takes the present components: nothing is replaced or deleted.

recorded/<version>/ has the config of a stack and the state that the embedded engine of that version left; the secrets
in both are sealed, and of use for nothing. A version that is released gets a folder of its own, which stays as it is.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from local.engine import EmbeddedEngine
from tests.components.recording import Recorder
from tests.package.running import ROOT

RECORDED = Path(__file__).parent / "recorded"
VERSIONS = sorted(path.name for path in RECORDED.iterdir())
PASSPHRASE = "only for this test"


@pytest.fixture(params=VERSIONS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> EmbeddedEngine:
    """The recorded stack with the present program; Kong, random and AWS are in memory."""
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    shutil.copy(RECORDED / request.param / "Pulumi.recorded.yaml", tmp_path)
    (tmp_path / "__main__.py").symlink_to(ROOT / "__main__.py")
    state = tmp_path / ".state/inference-edge/recorded.json"
    state.parent.mkdir(parents=True)
    shutil.copy(RECORDED / request.param / "state.json", state)
    return EmbeddedEngine(
        tmp_path, "recorded", tmp_path / ".state", passphrase=PASSPHRASE, providers=Recorder().providers
    )


def test_no_resource_is_replaced_or_deleted(engine: EmbeddedEngine) -> None:
    before = engine.outputs(show_secrets=True)
    result = engine.up()
    assert [step.urn for step in result.steps if step.op in ("replace", "delete")] == []
    assert result.changes["same"] + result.changes["update"] > 100
    after = engine.outputs(show_secrets=True)
    assert after["consumerKeys"] == before["consumerKeys"]


def test_a_second_up_changes_nothing(engine: EmbeddedEngine) -> None:
    engine.up()
    changes = engine.up().changes
    assert (changes["create"], changes["update"], changes["replace"], changes["delete"]) == (0, 0, 0, 0)
