"""How long `ops plan` takes for a long log, and how much memory: does the time grow with the requests and no faster?"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from local import PROJECT_DIR

REQUESTS = (1_000_000, 2_000_000, 5_000_000, 10_000_000)
BODIES = (250_000, 500_000, 1_000_000)
_LOOK_SECONDS = 0.2
_PSS = re.compile(r"^Pss: +(\d+) kB", re.MULTILINE)

# Questions by Zipf's law, a tenth as many as requests; each has one answer. A request a tenth of a second.
_QUESTION = "floor(pow({requests} / 10, random()))::BIGINT"
_DIGESTS = f"""SELECT 1793491200 + i / 10 AS time, 'bench' AS model, md5(q::VARCHAR) AS digest,
  'caller-' || (random() * 3)::INTEGER AS caller, 50 + q % 50 AS latency_ms, md5('a' || q) AS answer_digest,
  200 + q % 3000 AS answer_bytes FROM (SELECT i, {_QUESTION} AS q FROM range({{requests}}) AS t(i))"""
# No two bodies are the same text.
_BODIES = f"""SELECT 1793491200 + i / 10 AS time, 'bench' AS model, '{{{{"request_id": "' || i || '", "inputs": ['
  || q || ', 0.25, 1e3, -7, 12.5, 3, 4, 5, 6, 7, 8, 9], "text": "the quick brown fox jumps over it ' || md5(q::VARCHAR)
  || '", "parameters": {{{{"top_k": 5, "language": "en"}}}}}}}}' AS body, md5('a' || q) AS answer_digest
  FROM (SELECT i, {_QUESTION} AS q FROM range({{requests}}) AS t(i))"""
_SOURCES = (
    ("Parquet", "parquet", _DIGESTS, REQUESTS),
    ("JSON lines", "json", _DIGESTS, REQUESTS),
    ("bodies", "json", _BODIES, BODIES),
)


def measure_plan() -> list[dict[str, float | str]]:
    """Return for each kind and length of log: seconds of the whole command, of a million requests, and peak memory.

    Memory needs Linux's /proc, elsewhere it is 0. Raises RuntimeError when the command fails.
    """
    return list(_measured())


def _measured() -> Iterator[dict[str, float | str]]:
    with tempfile.TemporaryDirectory(prefix="inference-edge-") as folder:
        for what, form, query, lengths in _SOURCES:
            for requests in lengths:
                log = Path(folder) / f"requests.{form}"
                _write(log, query.format(requests=requests), form)
                seconds, gigabytes = _run(log)
                yield {
                    "log": what,
                    "requests": requests,
                    "megabytes": round(log.stat().st_size / 1e6),
                    "seconds": round(seconds, 1),
                    "seconds_per_million": round(seconds / requests * 1e6, 2),
                    "peak_gigabytes": round(gigabytes, 2),
                }


def _write(log: Path, query: str, form: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '1GB'")
        connection.execute("SELECT setseed(0.5)")
        connection.execute(f"COPY ({query}) TO '{log}' (FORMAT {form})")


def _run(log: Path) -> tuple[float, float]:
    """Seconds, and the gigabytes of all its processes together at the most."""
    started, most = time.perf_counter(), 0
    command = [sys.executable, "-m", "ops", "plan", str(log), "--json"]
    process = subprocess.Popen(command, cwd=PROJECT_DIR, stdout=subprocess.DEVNULL, start_new_session=True)
    while process.poll() is None:
        most = max(most, _resident_bytes(process.pid))
        time.sleep(_LOOK_SECONDS)
    if process.returncode:
        raise RuntimeError(f"ops plan failed with {process.returncode} for {log.name}")
    return time.perf_counter() - started, most / 2**30


def _resident_bytes(group: int) -> int:
    """Of a process group: what is shared is counted once (proc(5): Pss)."""
    kilobytes = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                kilobytes += int(_PSS.findall((folder / "smaps_rollup").read_text())[0])
        except (OSError, IndexError):  # it has ended
            continue
    return kilobytes * 1024
