"""Untrusted Lua may do what Kong's sandbox lets it do, and no more."""

from __future__ import annotations

import json
from pathlib import Path

from tests.kong.running import RunningKong, echo_upstream, running_kong, send

TRUTH = Path(__file__).parent / "truth" / "sandbox.jsonl"
# The value is of that moment or of that Kong; that it may be had is compared.
OTHER_VALUE = {"ngx.req.start_time", "kong.version", "error"}
HARNESS = """ngx.req.read_body()
local ok, value = pcall(function() %s end)
kong.response.exit(200, { ok = ok, value = tostring(value) })"""


def _run(kong: RunningKong, plugin_id: str, code: str) -> dict[str, object]:
    config = {"config": {"access": [HARNESS % code]}}
    patched = send(kong.admin, "PATCH", f"/plugins/{plugin_id}", body=config)
    assert patched.status == 200, patched.body
    headers = {"Content-Type": "application/json"}
    answer = send(kong.proxy, "POST", "/sb?a=1", headers, json.dumps({"hello": "wörld"}))
    assert answer.status == 200, answer.body
    return answer.body


def test_every_recorded_expression_is_allowed_or_refused_as_in_kong() -> None:
    rows = [json.loads(line) for line in TRUTH.read_text().splitlines()]
    with echo_upstream() as port, running_kong() as kong:
        service = kong.create("/services", {"name": "svc", "url": f"http://127.0.0.1:{port}"})
        kong.create("/routes", {"name": "rt", "paths": ["/sb"], "service": {"id": service["id"]}})
        plugin = kong.create("/routes/rt/plugins", {"name": "pre-function", "config": {"access": ["return"]}})
        wrong = []
        for row in rows:
            got = _run(kong, plugin["id"], row["code"])
            want = {"ok": row["ok"], "value": got["value"] if row["expr"] in OTHER_VALUE else str(row["value"])}
            if got != want:
                wrong.append(f"{row['expr']}: {got}, recorded {want}")
    assert not wrong, "\n".join(wrong)
    assert len(rows) == 170
