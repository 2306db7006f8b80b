"""A stack of one model that really runs, and what `warm` does with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from local import PROJECT_DIR
from local.deploy import open_engine
from local.engine.passphrase import PassphraseCipher
from ops.__main__ import main
from tests.gateway.model_server import ModelServer, model_server
from tests.kong.running import running_kong

PASSPHRASE = "correct horse"
KEYS = {"web": "web-0123456789abcdef", "batch": "batch-0123456789abcdef"}
CONFIG = """encryptionsalt: {salt}
config:
  kong:kongAdminUri: {admin}
  inference-edge:gatewayUrl: {proxy}
  inference-edge:consumers:
    - {{name: web, key: {{secure: "{web}"}}}}
    - {{name: batch, key: {{secure: "{batch}"}}}}
  inference-edge:models:
    - name: digits
      version: "{version}"
      endpoint: {model}
      cache: {cache}
      access: {access}
"""


class WarmProject:
    """project.up(); project.warm(project.write([{"x": 1}]))"""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self.folder = folder
        for name in ("Pulumi.yaml", "__main__.py"):
            shutil.copy(PROJECT_DIR / name, folder)
        self.kong = running.enter_context(running_kong())
        self.model: ModelServer = running.enter_context(model_server())
        self._client = running.enter_context(httpx.Client(base_url=self.kong.proxy))

    def up(self, cache: str = "{store: memory, excludeFields: [id]}", access: str = "{}", **changes: str) -> None:
        self.write_stack(cache, access, **changes)
        open_engine("embedded", "dev", self.folder / ".state", project_dir=self.folder).up()
        self.model.calls.clear()

    def write_stack(self, cache: str = "{store: memory}", access: str = "{}", **changes: str) -> None:
        salt = PassphraseCipher.new_salt_line(PASSPHRASE)
        cipher = PassphraseCipher.open(salt, PASSPHRASE, "test")
        keys = {name: cipher.encrypt(key) for name, key in KEYS.items()}
        where = {"admin": self.kong.admin, "proxy": self.kong.proxy, "model": self.model.url}
        given = {"salt": salt, "version": "1", "cache": cache, "access": access, **where, **keys, **changes}
        (self.folder / "Pulumi.dev.yaml").write_text(CONFIG.format(**given))

    def write(self, lines: list[Any], name: str = "requests.jsonl") -> Path:
        path = self.folder / name
        path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
        return path

    def command(self, file: Path, *more: str) -> list[str]:
        where = ["--project-dir", str(self.folder), "--state-dir", str(self.folder / ".state")]
        return ["warm", "--stack", "dev", "--model", "digits", "--rate", "1000", *where, *more, str(file)]

    def warm(self, file: Path, *more: str) -> int:
        return main(self.command(file, *more))

    @property
    def progress_file(self) -> Path:
        return self.folder / ".state" / "warm" / "inference-edge-dev-digits.json"

    def is_hit(self, body: Any, key: str = "web", **headers: str) -> bool:
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        given = {"apikey": KEYS[key], "content-type": "application/json", **headers}
        reply = self._client.post("/digits/predict", content=content, headers=given)
        assert reply.json()["answer"] == self.model.answer_to(content), "another question's answer"
        return "; hit" in reply.headers["cache-status"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WarmProject]:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("INFERENCE_EDGE_KEY", KEYS["web"])
    monkeypatch.setattr("shutil.which", lambda _: None)  # the embedded engine, also where the CLI is installed
    with ExitStack() as running:
        yield WarmProject(tmp_path, running)
