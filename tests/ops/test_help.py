"""Every command explains itself."""

from __future__ import annotations

import pytest

from ops import preview_gate
from ops.__main__ import main


@pytest.mark.parametrize("command", ["check", "status", "plan", "warm", "purge", "preview_gate"])
def test_help_has_examples_exit_codes_and_json(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        preview_gate.main(["--help"]) if command == "preview_gate" else main([command, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for part in ("\nexamples:\n", "\nexit code: 0 ", "--json"):
        assert part in shown
    lines = shown[shown.index("\nexamples:\n") :].splitlines()
    assert max(map(len, lines)) <= 120
