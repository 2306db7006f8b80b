"""The policy pack of a project: what `preview` and `up` hold a stack against."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from local.engine.policies.pack import PACK_FILE


@dataclass(frozen=True)
class Policies:
    """A pack's folder and the JSON file with its config for a stack, as the CLI's options of these names take them."""

    policy_pack: Path | None = None
    policy_pack_config: Path | None = None


NO_POLICIES = Policies()


def policies_of(project_dir: Path, stack: str) -> Policies:
    """`policies/` if there is a pack in it, with `Pulumi.<stack>.policies.json` if there is one."""
    pack, config = project_dir / "policies", project_dir / f"Pulumi.{stack}.policies.json"
    if not (pack / PACK_FILE).is_file():
        return NO_POLICIES
    return Policies(pack, config if config.is_file() else None)
