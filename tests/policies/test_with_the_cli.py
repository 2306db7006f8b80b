"""The real engine runs the pack and says what the embedded engine says."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from local.deploy import open_engine
from local.engine import EngineError
from local.policies import Policies
from tests.stacks.projects import ROOT
from tests.stacks.test_same_graph_as_the_cli import _missing

_reason = _missing()
pytestmark = [pytest.mark.cli, pytest.mark.skipif(bool(_reason), reason=_reason)]


def test_both_engines_say_the_same(tmp_path: Path) -> None:
    assert shutil.which("pulumi")
    config = tmp_path / "policies.json"
    config.write_text(json.dumps({"kong-cache-ttl": {"maxTtlSeconds": 60}}))
    policies = Policies(ROOT / "policies", config)
    said = []
    for engine in ("pulumi", "embedded"):
        opened = open_engine(engine, "dev", tmp_path / engine, policies=policies)
        with pytest.raises(EngineError) as error:
            opened.preview()
        said.append(re.findall(r"^ +- \[.*|^ +Plugin '.*", str(error.value), re.MULTILINE))
    assert said[0] == said[1] and len(said[0]) == 2
