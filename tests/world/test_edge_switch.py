"""The stack edge-gcp goes from one of Google's products to the other, and back, while somebody asks."""

from __future__ import annotations

import base64
import threading
from pathlib import Path

import httpx
import pytest

from local import PROJECT_DIR
from local.deploy import open_engine
from local.stack_file import EDGE, StackFile
from local.world import LocalWorld

BODY = b'{"instances":[[' + b",".join([b"0"] * 64) + b"]]}"
INPUT = base64.urlsafe_b64encode(BODY).decode().rstrip("=")
HOST = {"host": "predict.example.com"}


def test_a_stack_goes_from_one_product_to_the_other_without_a_failed_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    stack = StackFile(PROJECT_DIR, "edge-gcp")
    with LocalWorld({"1": 0}, latency_seconds=0, edge_ports=(0, 0)) as world:
        config = stack.moved(world.admin, world.proxy, world.endpoints["1"], "1", world.edge_admin)

        def up(provider: str) -> dict[str, int]:
            changed = {**config, EDGE: {**config[EDGE], "provider": provider}}
            return open_engine("embedded", "edge-gcp", tmp_path, changed).up().changes

        def ask() -> int:
            return httpx.get(f"{world.edge_proxy}/digits/predict?input={INPUT}", headers=HOST).status_code

        up("media-cdn")
        statuses, stop = [ask()], threading.Event()

        def keep_asking() -> None:
            while not stop.is_set():
                statuses.append(ask())

        caller = threading.Thread(target=keep_asking)
        caller.start()
        try:
            changes = [up(provider) for provider in ("cloud-cdn", "media-cdn")]
        finally:
            stop.set()
            caller.join()
        assert ask() == 200
        assert len(statuses) > 10
        assert set(statuses) == {200}
        assert all(change["delete"] > 0 and change["same"] > 0 for change in changes)
        open_engine("embedded", "edge-gcp", tmp_path, config).destroy()
