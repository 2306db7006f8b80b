"""The stacks whose graphs are looked at: those of the repository, and those of configs/ that turn every option on."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = Path(__file__).parent / "configs"
PASSPHRASE = "only for this test"  # of the secrets in configs/


def _stacks(folder: Path) -> list[str]:
    return sorted(path.name.split(".")[1] for path in folder.glob("Pulumi.*.yaml"))


COMMITTED = _stacks(ROOT)
STACKS = sorted([*COMMITTED, *_stacks(CONFIGS)])


def lay_project(stack: str, folder: Path) -> Path:
    """A folder with Pulumi.yaml and the config of the stack; the program in it is a link."""
    folder.mkdir()
    config = (ROOT if stack in COMMITTED else CONFIGS) / f"Pulumi.{stack}.yaml"
    for file in (ROOT / "Pulumi.yaml", config):
        shutil.copy(file, folder)
    (folder / "__main__.py").symlink_to(ROOT / "__main__.py")
    return folder
