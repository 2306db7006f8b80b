"""The numbers of the embedded Kong: of Lua that counts by the prometheus plugin's exporter, and of a deployed stack."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from local import PROJECT_DIR
from local.deploy import open_engine
from local.process import ReadyProcess
from ops.__main__ import main
from tests.gateway.model_server import model_server

DEPLOYED = """
config:
  kong:kongAdminUri: {admin}
  inference-edge:models:
    - name: digits
      version: "1"
      endpoint: {model}
      cost: {{perCall: 0.5, asOf: 2026-11-01}}
      access: {{mode: open}}
    - {{name: letters, version: "1", endpoint: {model}, access: {{mode: open}}}}
"""
STACK = """
config:
  kong:kongAdminUri: {admin}
  inference-edge:models:
    - {{name: digits, version: "1", endpoint: "http://127.0.0.1:8080/invocations"}}
"""
COUNT = """
local prometheus = require("kong.plugins.prometheus.exporter").get_prometheus()
local function metric(kind, name, ...)
  return prometheus.registry[name] or prometheus[kind](prometheus, name, "A metric.", ...)
end
local requests = metric("counter", "inference_edge_requests_total", { "model", "version", "outcome", "detail" })
local milliseconds = metric("histogram", "inference_edge_request_ms", { "model", "outcome" }, { 1, 2, 5, 10, 25 })
local cache_off = metric("gauge", "inference_edge_cache_off", { "model", "cause" })
for outcome, times in pairs({ hit = { 0, 1, 3, 30 }, miss = { 20, 24 } }) do
  for _, time in ipairs(times) do
    requests:inc(1, { "digits", "1", outcome, outcome == "miss" and "stored" or "" })
    milliseconds:observe(time, { "digits", outcome })
  end
end
requests:inc(3, { "digits", "1", "bypass", '[red]"quoted"\\\\' })
cache_off:set(1, { "digits", "nondeterministic" })
kong.response.exit(204)
"""


@contextmanager
def kong(folder: Path, *more: str) -> Iterator[dict[str, str]]:
    """An embedded Kong on free ports."""
    process = ReadyProcess("gateway", "local.kong", ["--admin", "127.0.0.1:0", "--proxy", "127.0.0.1:0", *more], folder)
    try:
        while not (ready := process.ready()):
            time.sleep(0.05)
        yield ready
    finally:
        process.stop()


@contextmanager
def counting_kong(folder: Path, *more: str) -> Iterator[dict[str, str]]:
    """One with a route that only counts."""
    with kong(folder, *more) as ready:
        with httpx.Client(base_url=ready["admin"]) as admin:
            service = {"name": "inference-edge-dev-digits", "host": "127.0.0.1", "port": 9}
            admin.post("/services", json=service).raise_for_status()
            admin.post(f"/services/{service['name']}/routes", json={"paths": ["/"]}).raise_for_status()
            counting = {"name": "pre-function", "config": {"access": [COUNT]}}
            plugin = {"name": "prometheus", "config": {"status_code_metrics": True}}
            for added in (counting, plugin):
                admin.post("/plugins", json=added).raise_for_status()
        (folder / "Pulumi.yaml").write_text("name: inference-edge\nruntime: python\n")
        (folder / "Pulumi.dev.yaml").write_text(STACK.format(**ready))
        yield ready


def status(folder: Path, *more: str) -> int:
    return main(["status", "--stack", "dev", "--project-dir", str(folder), "--state-dir", str(folder / "st"), *more])


def told(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    assert status(folder, "--json", *more) == 0
    return json.loads(capsys.readouterr().out)


def counted(folder: Path, capsys: pytest.CaptureFixture[str], requests: int) -> dict[str, Any]:
    """What is told once the first model's requests are counted, which they are after their answers."""
    deadline = time.monotonic() + 5
    while (document := told(folder, capsys))["models"][0]["requests"] < requests:
        assert time.monotonic() < deadline
    return document


def test_what_lua_counts_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with counting_kong(tmp_path) as ready:
        before = told(tmp_path, capsys)
        assert before["models"][0]["requests"] == 0
        assert before["nodes"][0]["dictionary_bytes"] == 128 * 2**20
        assert httpx.get(ready["proxy"]).status_code == 204
        (digits,) = counted(tmp_path, capsys, 9)["models"]
        assert digits["outcomes"]["bypass"] == {'[red]"quoted"\\': 3}
        assert digits["hit_ratio"] == 4 / 9
        assert digits["hit_ms"]["p50"] == 1
        assert digits["miss_ms"] == {"p50": 17.5, "p95": pytest.approx(24.25), "p99": pytest.approx(24.85)}
        assert digits["cache_off"] == {"nondeterministic": [ready["admin"]]}
        assert status(tmp_path) == 0
        shown = capsys.readouterr().out
        assert shown.startswith("digits: cache switched OFF by verification (nondeterministic): look at the model, ")
        assert '  bypasses      [red]"quoted"\\ 3\n' in shown


def test_a_sandbox_without_the_exporter_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with counting_kong(tmp_path, "--untrusted-lua-sandbox-requires", "") as ready:
        assert httpx.get(ready["proxy"]).status_code == 500
        deadline = time.monotonic() + 5
        while status(tmp_path) == 0:
            assert time.monotonic() < deadline
        assert "add kong.plugins.prometheus.exporter to KONG_UNTRUSTED_LUA_SANDBOX_REQUIRES" in capsys.readouterr().out


def test_a_deployed_stack(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(PROJECT_DIR / name, tmp_path)
    with kong(tmp_path) as ready, model_server() as model:
        (tmp_path / "Pulumi.dev.yaml").write_text(DEPLOYED.format(**ready, model=model.url))
        open_engine("embedded", "dev", tmp_path / "st", project_dir=tmp_path).up()

        def ask(question: int, **headers: str) -> None:
            answer = httpx.post(f"{ready['proxy']}/digits/predict", json={"x": question}, headers=headers)
            answer.raise_for_status()

        for question in (1, 2, 1, 1, 2):
            ask(question)
        ask(1, authorization="Bearer x")
        digits, letters = counted(tmp_path, capsys, 6)["models"]
        assert {outcome: sum(found.values()) for outcome, found in digits["outcomes"].items() if found} == {
            "hit": 3,
            "miss": 2,
            "bypass": 1,
        }
        assert digits["outcomes"]["bypass"] == {"authorization": 1}
        assert digits["versions"] == {"1": 6}
        assert (digits["hit_ratio"], digits["saved"]["calls"], digits["saved"]["money"]) == (0.5, 3, 1.5)
        assert digits["hit_ms"]["p50"] < digits["miss_ms"]["p50"]
        assert letters["requests"] == 0

        def ask_meanwhile(_: float) -> None:
            for question in (1, 1, 3):
                ask(question)

        monkeypatch.setattr("ops.status.command.sleep", ask_meanwhile)
        (digits, _) = told(tmp_path, capsys, "--interval", "1")["models"]
        assert digits["requests"] in (2, 3)  # the last one may be counted a moment after its answer
        assert digits["outcomes"]["hit"] == {"": 2}
