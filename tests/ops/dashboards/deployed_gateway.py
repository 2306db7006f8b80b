"""An embedded Kong with a stack on it, whose metrics are looked at."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.engine import EmbeddedEngine
from local.process import ReadyProcess

_PROJECT = Path(__file__).parents[3]


@contextlib.contextmanager
def deployed_gateway(document: dict[str, Any], folder: Path) -> Iterator[dict[str, str]]:
    """The addresses of its `admin` and `proxy`; `document`: the stack config's sections."""
    process = ReadyProcess("gateway", "local.kong", ["--admin", "127.0.0.1:0", "--proxy", "127.0.0.1:0"], folder)
    try:
        while not (ready := process.ready()):
            time.sleep(0.05)
        config = {f"inference-edge:{key}": json.dumps(value) for key, value in document.items()}
        config["kong:kongAdminUri"] = ready["admin"]
        EmbeddedEngine(_PROJECT, "dev", folder, config=config).up()
        yield ready
    finally:
        process.stop()
